"""What the planner sees: one file for each screen or part of one."""
