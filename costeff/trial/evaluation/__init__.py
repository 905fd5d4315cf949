"""What a trial says within its own follow-up: adjusted differences, their uncertainty and the decision they bear on."""
