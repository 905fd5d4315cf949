"""Formulas of a model: their grammar, what each function gives, and their units."""
