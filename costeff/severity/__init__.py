"""Severity: how many good life years a condition costs, by a country's life table, norms and classes."""
