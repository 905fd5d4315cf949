"""How a number is written: English (1,234.5) or Danish (1.234,5). Pure functions on texts; no locale is asked.

A text may be a number in both formats and mean different things: 1.000 is 1 in English and 1000 in Danish. Which of the
two holds is a property of a whole file, never of one number: it is declared, or told by the other numbers of the file.
Where nothing tells it, the reader refuses the number and shows both readings.

Both formats take a sign (also the true minus), digits 0 to 9, thousands grouped by threes with their own mark or with a
blank, and an exponent when nothing is grouped. Rank 1.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from decimal import Decimal
from typing import Self

from costeff.errors import CosteffError, Place

FORMATS = ("en", "da")
LANGUAGE = {"en": "English", "da": "Danish"}
NEAR_ZERO = "the number is too near to 0 to be told from it"
NEAR_ZERO_RULE = "0, or at least 1e-300, of either sign"
NEAR_ZERO_WAY_OUT = "write 0, or the number that is meant"
DECIMAL_MARK = {"en": ".", "da": ","}
_GROUP_MARK = {"en": ",", "da": "."}
_BLANKS = " \u00a0\u2009\u202f"
_MINUS = "\u2212"
_NO_GROUPS = {form: {ord(mark): None for mark in (*_BLANKS, _GROUP_MARK[form])} for form in FORMATS}
"""What groups digits in each format, for `str.translate` to drop."""


def _pattern(form: str) -> re.Pattern[str]:
    group, point = re.escape(_GROUP_MARK[form]), re.escape(DECIMAL_MARK[form])
    threes = "|".join(f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in (group, *_BLANKS))
    plain_digits = f"(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return re.compile(f"[+\\-{_MINUS}]?(?:{plain_digits}|(?:{threes})(?:{point}[0-9]*)?)")


_PATTERNS = {form: _pattern(form) for form in FORMATS}
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
"""English numbers without grouped thousands, which most cells of most tables are."""
_PERCENT = re.compile(r"(.+?)\s*(%|\u2030|pct\.?|percent|procent)", re.IGNORECASE)
_FRACTION = re.compile(r"([0-9]+)\s*/\s*([0-9]+)|([0-9]*)\s*([\u00bc-\u00be\u2150-\u215e])")
_MONEY = r"(?:kr\.?|kroner|[A-Z]{3}|[\u20ac$\u00a3])"
_WITH_UNIT = re.compile(rf"(?:{_MONEY}\s*)?([+\-{_MINUS}]?[0-9](?:[0-9.,{_BLANKS}]*[0-9])?)(?:[,.]-+|\s*{_MONEY})?")
_IN_FORMULA = re.compile(r"(?<![\w.])[1-9][0-9]{0,2}\.[0-9]{3}(?![\w.])")


def read(text: str, form: str) -> float | None:
    """The number that a text is in a format, or None when it is none there. Blanks around it do not count.

    >>> read("1.234,5", "da"), read("1,234.5", "en"), read("1.234,5", "en"), read("5 000 000", "en")
    (1234.5, 1234.5, None, 5000000.0)
    """
    text = text.strip()
    if form == "en" and _PLAIN.fullmatch(text):
        return float(text)
    if not _PATTERNS[form].fullmatch(text):
        return None
    bare = text.translate(_NO_GROUPS[form])
    return float(bare.replace(DECIMAL_MARK[form], ".").replace(_MINUS, "-"))


def is_near_zero(text: str, value: float) -> bool:
    """Whether a number other than 0 was read as 0, since floats end near 1e-308.

    >>> is_near_zero("1e-2000", 0.0), is_near_zero("0.000", 0.0), is_near_zero("0e7", 0.0)
    (True, False, False)
    """
    return value == 0 and any(digit in "123456789" for digit in text.lower().partition("e")[0])


def whole(text: str, form: str) -> int | None:
    """The whole number of a text that is one, with its thousands grouped or not; None for any other text.

    >>> whole("1.000", "da"), whole("1.000", "en"), whole("18446744073709551615", "en")
    (1000, None, 18446744073709551615)
    """
    if read(text, form) is None or DECIMAL_MARK[form] in text or "e" in text.lower():
        return None
    return int("".join(mark for mark in text.replace(_MINUS, "-") if mark.isdigit() or mark in "+-"))


def readings(text: str) -> dict[str, float]:
    """What a text is in each format in which it is a number.

    >>> readings("1.000"), readings("0,3"), readings("12 kr.")
    ({'en': 1.0, 'da': 1000.0}, {'da': 0.3}, {})
    """
    by_format = {form: read(text, form) for form in FORMATS}
    return {form: value for form, value in by_format.items() if value is not None}


def two_ways(text: str) -> bool:
    """Whether a text is another number in one format than in the other.

    >>> [two_ways(text) for text in ("1.000", "1,500", "0.300", "1000", "1.000.000")]
    [True, True, False, False, False]
    """
    return len(set(readings(text).values())) == 2


def write(value: float, form: str = "en") -> str:
    """A number written so that it can be read in one way only: a third decimal that could end thousands gets a zero.

    >>> write(1000.0), write(1.5), write(1.125), write(12.345, "da")
    ('1000', '1.5', '1.1250', '12,3450')
    """
    text = format(Decimal(repr(float(value))).normalize(), "f")
    if two_ways(text):
        text += "0"
    return text.replace(".", DECIMAL_MARK[form])


def shown_readings(text: str) -> str:
    """What a text is in each format, for a message.

    >>> shown_readings("1.000")
    '1.000 can be read as 1 (English) or as 1000 (Danish)'
    """
    by_format = readings(text)
    alternatives = " or as ".join(f"{write(value)} ({LANGUAGE[form]})" for form, value in by_format.items())
    return f"{text.strip()} can be read as {alternatives}"


def written_apart(text: str) -> str:
    """The readings of a text, each written so that it can be read in no other way.

    >>> written_apart("1.000"), written_apart("1,500")
    ('1.0 or 1000', '1500 or 1.5')
    """
    values = readings(text)
    numerals = {form: write(value) for form, value in values.items()}
    small = min(values, key=lambda form: abs(values[form]))
    if "." not in numerals[small]:
        numerals[small] += ".0"  # with a decimal, nobody takes it for thousands
    return " or ".join(numerals.values())


def advice(text: object) -> str:
    """The way out for a text that stands where a number belongs; '' when nothing tells which number was meant.

    >>> advice("0,3")
    'it has a decimal comma: write 0.3, or write `numbers: da` at the top of the file'
    >>> advice("40 %"), advice("12 kr."), advice("1/8")
    ('write 0.4 for 40 %', 'write 12, without its unit', 'write 0.125')
    """
    by_format = readings(text) if isinstance(text, str) else {}
    if not by_format:
        return _meant(text.strip()) if isinstance(text, str) else ""
    if two_ways(str(text)):
        return f"{shown_readings(str(text))}: write {written_apart(str(text))}"
    (form, value), *others = by_format.items()
    if others:
        return f"write {write(value)}, without quotes and without separators"
    comma = DECIMAL_MARK[form] == "," and "," in str(text)
    what = "it has a decimal comma" if comma else f"it is written as in {LANGUAGE[form]}"
    return f"{what}: write {write(value)}, or write `numbers: {form}` at the top of the file"


def _meant(text: str) -> str:
    """The way out for a number with a percent sign, a fraction bar, a unit, or digits and marks of other writing."""
    percent, fraction = _PERCENT.fullmatch(text), _FRACTION.fullmatch(text)
    if percent:
        part = 1000 if percent[2] == "\u2030" else 100
        alternatives = " or ".join(dict.fromkeys(_short(value / part) for value in readings(percent[1]).values()))
        return f"write {alternatives} for {text}" if alternatives else ""
    if fraction and fraction[2]:
        return f"write {_short(int(fraction[1]) / int(fraction[2]))}" if int(fraction[2]) else ""
    if fraction:
        return f"write {_short(int(fraction[3] or 0) + unicodedata.numeric(fraction[4]))}"
    common = re.sub(r"(?<=[0-9])['\u2019](?=[0-9]{3})", "", unicodedata.normalize("NFKC", text))
    if common != text and readings(common):
        return f"write {written_apart(common) if two_ways(common) else _short(next(iter(readings(common).values())))}"
    amount = _WITH_UNIT.fullmatch(text)
    by_format = readings(amount[1]) if amount else {}
    if not amount or not by_format:
        return ""
    if two_ways(amount[1]):
        return f"{shown_readings(amount[1])}: write {written_apart(amount[1])}, without its unit"
    return f"write {write(next(iter(by_format.values())))}, without its unit"


def _short(value: float) -> str:
    """A number that was worked out, to ten digits."""
    return format(float(f"{value:.10g}"), "g") if abs(value) < 1e5 else write(value)


def clear(text: str, error: type[CosteffError] = CosteffError) -> float:
    """The number that a text is, where nothing says in which format: it must be the same in every one it fits.

    Raises `error` for a text that is no number, and with both readings for one that could be two.

    >>> clear("5 000 000"), clear("1.234,5"), clear("0.3")
    (5000000.0, 1234.5, 0.3)
    """
    by_format = readings(text)
    if not by_format:
        raise error(
            "this is not a number",
            value=text,
            rule="decimal digits, with a point or a comma for decimals",
            way_out="write for example 1000 or 0.5",
        )
    if is_near_zero(text, next(iter(by_format.values()))):
        raise error(NEAR_ZERO, value=text.strip(), rule=NEAR_ZERO_RULE, way_out=NEAR_ZERO_WAY_OUT)
    if two_ways(text):
        raise error(
            f"the number can be read in two ways: {shown_readings(text)}",
            value=text,
            rule="here a number is written so that it reads one way",
            way_out=f"write {written_apart(text)}",
        )
    return next(iter(by_format.values()))


def span_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with how the number of a span ("10 years") is written, and the way out; None when nothing is.

    >>> span_fault("0,5 years"), span_fault("10 years")
    (('the number has a decimal comma', 'write 0.5'), None)
    """
    first = (text.split() or [""])[0]
    if two_ways(first):
        return f"the number can be read in two ways: {shown_readings(first)}", f"write {written_apart(first)}"
    danish = read(first, "da")
    if danish is not None and read(first, "en") is None:
        return "the number has a decimal comma", f"write {write(danish)}"
    return None


def two_ways_in_formula(text: str) -> str:
    """The first number of a formula that could be thousands, or ''. Formulas take a decimal point in every file.

    >>> two_ways_in_formula("12.000 * share"), two_ways_in_formula("0.125 * x1.500")
    ('12.000', '')
    """
    match = _IN_FORMULA.search(text)
    return match[0] if match else ""


_SIGNS = {
    "\u00d7": "*",
    "\u00b7": "*",
    "\u22c5": "*",
    "\u2212": "-",
    "\u2013": "-",
    "\u00f7": "/",
    "\u00b2": "** 2",
    "\u00b3": "** 3",
}


def slip_in_formula(text: str) -> str:
    """The way out for a formula that holds a decimal comma, a percent sign or another sign of print; '' without one.

    >>> slip_in_formula("0,035 * x"), slip_in_formula("2 × x"), slip_in_formula("50 % of x")
    ('decimals take a point: write 0.035', 'write * for ×', 'a formula has no percent sign: write 0.5 for 50 %')
    """
    comma = re.search(r"(?<![\w.,])([0-9]+),([0-9]+)(?![\w.,])", text)
    percent = re.search(r"([0-9]+(?:[.,][0-9]+)?)\s*%(?!\s*[\w(])|([0-9]+(?:[.,][0-9]+)?)\s*%(?=\s+of\b)", text)
    fraction = re.search(r"([0-9]*)([\u00bc-\u00be\u2150-\u215e])", text)
    sign = next((mark for mark in text if mark in _SIGNS), "")
    if percent:
        return f"a formula has no percent sign: {_meant(percent[0].strip())}"
    if comma:
        return f"decimals take a point: write {comma[1]}.{comma[2]}"
    if fraction:
        return _meant(fraction[0])
    return f"write {_SIGNS[sign]} for {sign}" if sign else ""


class _EnglishReading(float):
    """The English reading of a number that reads two ways, with the text as typed."""

    text: str

    def __new__(cls, text: str) -> Self:
        """From the text as typed."""
        number = super().__new__(cls, readings(text)["en"])
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]  # what __new__ takes, for copies
        return (self.text,)


class TwoReadings(_EnglishReading):
    """A number typed so that it can be read in two ways, in a file that does not say how it writes numbers.

    As a float it is the English reading, which is right for ratios, shares and hazards; whoever reads an amount refuses
    it by `text`.

    >>> TwoReadings("1.250"), TwoReadings("1.250").text
    (1.25, '1.250')
    """


class QuotedNumber(float):
    """A number in quotes, in a file that says how it writes numbers; `text` where a text belongs.

    >>> QuotedNumber("0,3", "da"), QuotedNumber("0,3", "da").text
    (0.3, '0,3')
    """

    text: str
    form: str

    def __new__(cls, text: str, form: str) -> QuotedNumber:
        """From the text as typed and the file's format."""
        value = read(text, form)
        if value is None:
            raise ValueError(f"{text!r} is not a number in {LANGUAGE[form]}")
        number = super().__new__(cls, value)
        number.text, number.form = text, form
        return number

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # what __new__ takes, for copies
        return (self.text, self.form)


def refuse_two_readings(
    value: object, what: str, where: Place | str | None, error: type[CosteffError] = CosteffError
) -> None:
    """Raise `error` for an amount that was typed so that it reads two ways; any other value passes.

    >>> refuse_two_readings(TwoReadings("1.000"), "`inflow`", None)
    Traceback (most recent call last):
    costeff.errors.CosteffError: `inflow`: 1.000 can be read as 1 (English) or as 1000 (Danish) (value: 1.000)...
    """
    if isinstance(value, TwoReadings):
        raise error(
            f"{what}: {shown_readings(value.text)}",
            where=where,
            value=value.text,
            rule="an amount is written so that it reads one way, unless the file says how it writes numbers",
            way_out="declare `numbers: da` or `numbers: en` at the top of the file, "
            f"or write {written_apart(value.text)}",
        )


class NumberWarning(UserWarning):
    """An amount was read as English by default, and would be another number to a Danish reader."""


class EnglishByDefault(_EnglishReading):
    """A number that reads two ways, in a file that does not say how it writes numbers and whose kind is English.

    >>> EnglishByDefault("4.700"), EnglishByDefault("4.700").text
    (4.7, '4.700')
    """


def warn_of_default(value: object, what: str, where: Place | str | None) -> None:
    """Warn of an amount that was read as English because nothing in its file says otherwise."""
    if isinstance(value, EnglishByDefault):
        place = f"{where}: " if where is not None else ""
        warnings.warn(
            f"{place}{what} is read as {write(value)}, since models and parameter files are English unless they say "
            f"`numbers: da` ({shown_readings(value.text)}). Way out: declare `numbers: en` or `numbers: da` at the top "
            f"of the file, or write {written_apart(value.text)}.",
            NumberWarning,
            stacklevel=2,
        )
