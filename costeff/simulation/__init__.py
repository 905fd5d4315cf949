"""A compiled model through the engine: batches of draws, workers, and single life histories."""
