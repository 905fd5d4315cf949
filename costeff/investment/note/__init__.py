"""The budget note of a case: two pages for a finance officer, as a Word file and as a PDF."""
