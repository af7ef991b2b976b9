"""Milepost: live tour tracking that people can host themselves."""

__version__ = "0.1.0"
