"""What needs several slices: the report, its figures and workbook, summaries and the files of a run."""
