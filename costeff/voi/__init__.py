"""Value of information: of perfect knowledge, of parameters, of a trial, and of putting a decision into practice."""
