"""Figures that anyone can run again: the product beside the least that a C program can do, in the same minutes."""
