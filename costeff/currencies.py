"""The codes of ISO 4217: money in use, and the European money that the euro replaced, for studies of that time.

Rank 0: imports nothing.
"""

from __future__ import annotations

_IN_USE = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_REPLACED = "ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK"
CURRENCIES = frozenset((*_IN_USE.split(), *_REPLACED.split()))

_CALLED = {
    **dict.fromkeys(("kr", "kr.", "krone", "kroner", "dkr", "dkr.", "d.kr.", "\u00f8re"), "DKK"),
    **dict.fromkeys(("\u20ac", "euro", "euros", "cent"), "EUR"),
    **dict.fromkeys(("$", "us$", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("\u00a3", "pound", "pounds", "pence"), "GBP"),
    **dict.fromkeys(("skr", "skr.", "kronor"), "SEK"),
    **dict.fromkeys(("nkr", "nkr."), "NOK"),
}
_PARTS = {"\u00f8re": 100.0, "cent": 100.0, "pence": 100.0}
_SCALES = {
    **dict.fromkeys(
        ("k", "t", "tusind", "thousand", "1000", "1.000", "1,000", "tusinde", "(1000)", "'000"), 1e3
    ),
    **dict.fromkeys(("m", "mio", "mio.", "mill", "mill.", "million", "millioner", "millions"), 1e6),
    **dict.fromkeys(("mia", "mia.", "mrd", "mrd.", "billion", "milliard", "milliarder"), 1e9),
}


def meant_currency(words: str) -> tuple[str, float]:
    """The code that a way of writing money stands for, and how many of its units one of the written is; ('', 1) else.

    >>> meant_currency("kr."), meant_currency("TDKK"), meant_currency("mio. kr."), meant_currency("\u00f8re")
    (('DKK', 1.0), ('DKK', 1000.0), ('DKK', 1000000.0), ('DKK', 0.01))
    >>> meant_currency("dkk"), meant_currency("weeks")
    (('DKK', 1.0), ('', 1.0))
    """
    text = words.strip().lower()
    code = _CALLED.get(text, text.upper())
    if code in CURRENCIES:
        return code, 1 / _PARTS.get(text, 1.0)
    for mark, size in _SCALES.items():
        for rest in (text.removeprefix(mark), text.removesuffix(mark)):
            rest = rest.strip()
            code = _CALLED.get(rest, rest.upper())
            if rest != text and code in CURRENCIES:
                return code, size
    return "", 1.0
