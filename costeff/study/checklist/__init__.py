"""Reporting checklists filled from a run and its files: CHEERS 2022 and the questions of AdViSHE."""
