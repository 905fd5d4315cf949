"""What all commands share: options, output, and how warnings and errors are shown."""
