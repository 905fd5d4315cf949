"""How a programme reaches people year by year and municipality by municipality, and what lasts of it."""
