"""The expected course of a cohort: shares of people in states, without chance."""
