"""Tables of draws from any program: how they are read, which form they have, and how their rows belong together."""
