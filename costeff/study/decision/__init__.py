"""What a board acts on: the decision of each primary perspective and what is behind it, as data and as sentences."""
