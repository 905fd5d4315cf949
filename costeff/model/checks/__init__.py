"""What a model must hold before it runs; each file checks one kind of thing and names the line."""
