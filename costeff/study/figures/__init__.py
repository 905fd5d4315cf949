"""Figures that only the report of a study draws."""
