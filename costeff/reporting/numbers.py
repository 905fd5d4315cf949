"""Writes numbers, money, percents, intervals and dates for readers of a language, by one stated rule.

The rule: the marks between thousands and before decimals are those of the language (`mark_group` and `mark_decimal`
of the catalogue of words), names of months and currencies those of Babel. The minus sign is U+2212. A number with a
Monte Carlo error is shown to the first significant digit of that error and no further, as the digits after it are
luck; the limits of an interval to that of their own error, which is larger. Money is shown to whole units of currency,
and below 100 to three significant digits (a table may be in thousands); a number without an error to four significant
digits, its whole part never shortened. Halves go to the even digit. A missing number is an en dash; nothing is minus
zero.
"""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import Any

from costeff.catalogue import check_language, is_word, say, words_of
from costeff.currencies import CODES
from costeff.labels import Label

MINUS = "\u2212"
SPACE = "\u00a0"
"""No-break space, between a number and its unit."""
MISSING = "\u2013"
_SIGNIFICANT = 4
_MONEY_DIGITS = 3
_MOST_DECIMALS = 6


def is_missing(value: Any) -> bool:
    """Whether there is no number: None, NaN or pandas' NA.

    >>> is_missing(float("nan")), is_missing(0)
    (True, False)
    """
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA has no truth value
        return True


def supported_decimals(error: float) -> int:
    """Decimals down to the first significant digit of `error`; negative means tens, hundreds, ...

    >>> supported_decimals(0.034), supported_decimals(370), supported_decimals(0.0996)
    (2, -2, 1)
    """
    exponent = int(f"{abs(error):.0e}".split("e")[1])
    return -exponent


LIMIT = 2.67
"""Error of a 2.5 % point of normal draws, in errors of their mean: sqrt(0.025 x 0.975) / density there."""


def limit_error(error: float | None) -> float | None:
    """The error of the limits of a 95 % interval over draws, from that of their mean; None when it is not known.

    >>> limit_error(100.0), limit_error(None)
    (267.0, None)
    """
    return None if error is None or is_missing(error) else LIMIT * error


def write_number(
    value: Any,
    language: str = "en",
    *,
    decimals: int | None = None,
    error: float | None = None,
    with_sign: bool = False,
) -> str:
    """A number as text; see the rule at the top of this file.

    `decimals` is the largest number of decimals, `error` the Monte Carlo standard error in the same unit (missing
    or 0 sets no limit), `with_sign` prints a plus sign too. Raises ScenarioError for an unknown language.

    >>> write_number(1234.567, "da", decimals=1), write_number(1234.567, error=37.0)
    ('1.234,6', '1,230')
    >>> write_number(-0.01234, error=0.0056), write_number(0.0312, with_sign=True)
    ('−0.012', '+0.0312')
    """
    words = words_of(language)
    if is_missing(value):
        return MISSING
    number = float(value)
    if math.isinf(number):
        return (MINUS if number < 0 else "+" if with_sign else "") + "∞"
    limits = [] if decimals is None else [decimals]
    if not is_missing(error) and error is not None and math.isfinite(error) and error != 0:
        limits.append(supported_decimals(float(error)))
    digits = min(limits) if limits else _plain_decimals(number)
    rounded_number = round(number, digits)
    text = f"{abs(rounded_number):,.{max(digits, 0)}f}"
    if not limits and "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.translate({ord(","): words["mark_group"], ord("."): words["mark_decimal"]})
    sign = MINUS if rounded_number < 0 else "+" if with_sign and rounded_number > 0 else ""
    return sign + text


def number_label(value: float, decimals: int | None = None) -> Label:
    """A number as readers of each language write it.

    >>> number_label(20000.0, 0)["da"]
    '20.000'
    """
    return Label.by(lambda language: write_number(value, language, decimals=decimals))


def _plain_decimals(number: float) -> int:
    if number == 0:
        return 0
    return min(max(_SIGNIFICANT - 1 - math.floor(math.log10(abs(number))), 0), _MOST_DECIMALS)


def write_money(
    value: Any, language: str = "en", *, currency: str = "", error: float | None = None, with_sign: bool = False
) -> str:
    """Money in whole units of currency, below 100 to three digits, or fewer where the error supports no more.

    >>> write_money(-1234.5, "da", currency="EUR").replace(SPACE, " "), write_money(1234.5, error=370.0)
    ('−1.234 EUR', '1,200')
    >>> write_money(0.43591), write_money(0.43591, error=0.02), write_money(35), write_money(35.25)
    ('0.436', '0.44', '35', '35.2')
    """
    text = write_number(value, language, decimals=_money_decimals(value), error=error, with_sign=with_sign)
    if is_missing(error) or not error:
        text = _without_zeros(text, language)
    if not currency or text == MISSING:
        return text
    return f"{text}{SPACE}{currency_name(currency, language)}"


def _money_decimals(*amounts: Any) -> int:
    """Decimals that leave the largest of these amounts its three digits; none from 100 on."""
    size = max((abs(float(x)) for x in amounts if not is_missing(x) and math.isfinite(x)), default=0.0)
    if size == 0 or size >= 100:
        return 0
    return min(_MONEY_DIGITS - 1 - math.floor(math.log10(size)), _MOST_DECIMALS)


def _without_zeros(text: str, language: str) -> str:
    """A written number without the zeros at the end of its decimals."""
    mark = say("mark_decimal", language)
    return text.rstrip("0").rstrip(mark) if mark in text else text


def write_large(
    value: Any, language: str = "en", *, currency: str = "", error: float | None = None, with_sign: bool = False
) -> str:
    """Money as one says it aloud: in millions from 950,000, else in whole thousands, below 10,000 as it is.

    >>> [write_large(x, "da", currency="EUR").replace(SPACE, " ") for x in (3_649_000, -412_300, 5_870)]
    ['3,6 mio. EUR', '−412.000 EUR', '5.870 EUR']
    >>> write_large(123_456_789, currency="EUR").replace(SPACE, " ")
    '123 million EUR'
    """
    check_language(language)
    if is_missing(value) or not math.isfinite(value):
        return write_number(value, language, with_sign=with_sign)
    size, name = abs(value), f"{SPACE}{currency_name(currency, language)}" if currency else ""
    if size < LARGE:
        whole = round(float(value), -3) if size >= 10_000 else float(value)
        return write_number(whole, language, decimals=0, error=error, with_sign=with_sign) + name
    limit = None if error is None else error / 1e6
    text = write_number(value / 1e6, language, decimals=0 if size >= 1e8 else 1, error=limit, with_sign=with_sign)
    return f"{text}{SPACE}{say('mark_million', language)}{name}"


LARGE = 950_000
"""Amounts from here on are said in millions."""


def currency_name(currency: str, language: str) -> str:
    """The currency as readers of the language write it after a number: its word where they have one, else its code.

    Signs such as $ and € are not used: in some languages they stand before the number, and $ names several currencies.

    >>> currency_name("EUR", "da"), currency_name("money", "da")
    ('EUR', 'pengeenheder')
    """
    if is_word(f"currency_{currency}", language):
        return say(f"currency_{currency}", language)
    return _word_of_currency(currency, say("locale", language))


def one_of_currency(currency: str, language: str = "en") -> str:
    """What one unit of a currency is called inside a sentence: a word of the catalogue, else its code.

    >>> one_of_currency("EUR")
    'EUR'
    """
    key = f"currency_{currency}.one"
    return say(key, language) if is_word(key, language) else currency


@cache
def _word_of_currency(currency: str, locale: str) -> str:
    if currency not in CODES:
        return currency
    from babel.core import Locale  # a tenth of the time of babel.numbers, which asks it too

    symbol = str(Locale.parse(locale).currency_symbols.get(currency, currency))
    return symbol if symbol.replace(".", "").isalpha() and symbol.lower() == symbol else currency


def write_percent(
    share: Any, language: str = "en", *, decimals: int = 0, error: float | None = None, with_sign: bool = False
) -> str:
    """A share (0-1) as percent. What would round to 0 or 100 without being it is written with < or >.

    >>> [write_percent(share).replace(SPACE, " ") for share in (0.414, 0.0004, 0.9999, 1)]
    ['41 %', '<1 %', '>99 %', '100 %']
    """
    if is_missing(share):
        return write_number(None, language)
    number = 100 * float(share)
    smallest = 10.0**-decimals
    if not with_sign and 0 < number < smallest / 2:
        return f"<{write_number(smallest, language, decimals=decimals)}{SPACE}%"
    if not with_sign and 100 - smallest / 2 < number < 100:
        return f">{write_number(100 - smallest, language, decimals=decimals)}{SPACE}%"
    percent_error = None if is_missing(error) or error is None else 100 * error
    return f"{write_number(number, language, decimals=decimals, error=percent_error, with_sign=with_sign)}{SPACE}%"


def write_interval(
    lo: Any, hi: Any, language: str = "en", *, decimals: int | None = None, error: float | None = None
) -> str:
    """Two limits joined by 'to' ('til'), each written by the rule; a dash when both are missing.

    `error` is that of the mean between them; the limits' own is larger, see limit_error.

    >>> write_interval(-3000.4, 5400.2, "da", decimals=0), write_interval(-0.03137, 0.03091, error=0.00052)
    ('−3.000 til 5.400', '−0.031 to 0.031')
    """
    check_language(language)
    error = limit_error(error)
    if is_missing(lo) and is_missing(hi):
        return MISSING
    low, high = (write_number(end, language, decimals=decimals, error=error) for end in (lo, hi))
    return f"{low} {say('to', language)} {high}"


def write_money_interval(lo: Any, hi: Any, language: str = "en", *, error: float | None = None) -> str:
    """Two limits of an amount of money, both to the decimals that the larger one has.

    >>> write_money_interval(-3000.4, 5400.2, "da"), write_money_interval(-0.0437, 0.4359, error=0.004)
    ('−3.000 til 5.400', '−0.04 to 0.44')
    """
    return write_interval(lo, hi, language, decimals=_money_decimals(lo, hi), error=error)


def write_date(day: date, language: str = "en") -> str:
    """A date with its month in words.

    >>> write_date(date(2026, 3, 9)), write_date(date(2026, 3, 9), "da")
    ('9 March 2026', '9. marts 2026')
    """
    from babel.dates import format_date

    return str(format_date(day, "long", locale=say("locale", language)))
