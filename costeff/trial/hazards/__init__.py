"""Hazards of moves between the states that the register shows, estimated from weeks, with their joint uncertainty."""
