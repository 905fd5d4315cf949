"""What every page, table and terminal shares: numbers, words, styles, pages and workbooks."""
