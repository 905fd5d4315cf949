"""Figures of sensitivity analyses."""
