"""The compiled pass that books priced lines: sums of money by line of the cash flow and calendar year. Arrays only.

Sizes: D draws, P periods, L priced lines, R rows of the book, Y years.
"""

from __future__ import annotations

from typing import Any

from costeff.numerics.kernel_cache import kernel


@kernel
def book_lines(
    amount: Any,
    half: Any,
    as_usual: Any,
    own: Any,
    rows: Any,
    years: Any,
    usual: int,
    book_usual: Any,
    book_programme: Any,
    book_idle: Any,
    book_half: Any,
) -> None:
    """Add lines, `amount` (L, 2, P, D) and `half` (L, 2, 2, P, D), to `rows` (L,) of a book in the `years` (P,).

    A line with `own[i]` of 0 or more is paid under the programme only: what it costs where the programme changes
    nobody's life is line `own[i]` of `as_usual` (., 2, P, D); other lines then cost what they do under usual care.
    `book_half` (R, 2, Y, D), or (0, ...) where halves are not booked, takes the programme less usual care.
    """
    lines, _, periods, draws = amount.shape
    programme = 1 - usual
    for i in range(lines):
        row = rows[i]
        for p in range(periods):
            year = years[p]
            for d in range(draws):
                book_usual[row, year, d] += amount[i, usual, p, d]
                book_programme[row, year, d] += amount[i, programme, p, d]
            if own[i] >= 0:
                for d in range(draws):
                    book_idle[row, year, d] += as_usual[own[i], programme, p, d]
            else:
                for d in range(draws):
                    book_idle[row, year, d] += amount[i, usual, p, d]
            if book_half.shape[0] > 0:
                for h in range(2):
                    for d in range(draws):
                        book_half[row, h, year, d] += half[i, h, programme, p, d] - half[i, h, usual, p, d]
