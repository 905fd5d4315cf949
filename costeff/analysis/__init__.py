"""The central data: evaluations, studies and results, tables that others made, and what all methods share."""
