"""Sensitivity: one way, two way, thresholds, scenarios and global methods, from a model or a table of draws."""
