"""The report of a study: its content, sentences, tables and pages."""
