"""How precise a result is, and which run size it needs."""
