"""People who compete for a finite number of places: what a queue's theory knows at once, and a simulation of it."""
