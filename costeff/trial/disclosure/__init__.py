"""Tables that may leave a research machine: what is hidden, what else must be, and what earlier exports give away."""
