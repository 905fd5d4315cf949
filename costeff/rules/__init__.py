"""Dated rule sets: benefit rates, reimbursement, taxes and reforms that hold from a calendar date."""
