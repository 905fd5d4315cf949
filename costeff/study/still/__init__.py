"""Figures and tables of a report as files of their own: images, Word, LaTeX, Excel."""
