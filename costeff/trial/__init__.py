"""A trial's data: its plan, a rehearsal of it, what a register shows of lives, intake, costs and outcomes."""
