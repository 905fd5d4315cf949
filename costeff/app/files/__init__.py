"""The planner's folder: case files, edited where they stand, with every version kept."""
