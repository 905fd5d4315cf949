"""The workbook: sheets with live formulas."""
