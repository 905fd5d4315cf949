"""What a trial teaches the model: statistics of the register against the lensed model, and a posterior."""
