"""What a parameter's value can be: one file a family of distributions."""
