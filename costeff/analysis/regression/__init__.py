"""Regressions on parameters that several methods use."""
