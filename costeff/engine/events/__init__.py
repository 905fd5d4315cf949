"""Lives sampled by event: one individual at a time, with addressed random numbers."""
