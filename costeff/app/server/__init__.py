"""Who may speak with the app, and how it is served."""
