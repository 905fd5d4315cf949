"""Black-box checks of a model: it is run with known answers, and says of each check whether they came."""
