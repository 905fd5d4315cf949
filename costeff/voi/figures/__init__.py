"""Figures of value of information."""
