"""Patient-Specific Functional Scale: who has improved, and how many would have without any effect."""
