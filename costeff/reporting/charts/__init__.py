"""Charts that several slices draw."""
