"""Vehicles that drive a tour with known truth, and phones that report it."""
