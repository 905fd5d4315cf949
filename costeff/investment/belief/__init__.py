"""What a planner believes of the programme, in the planner's units, and what it means for the model."""
