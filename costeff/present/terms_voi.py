"""Words of the figures on implementation and decision makers, in English and Danish; `terms.py` takes them up."""

from __future__ import annotations

TERMS_VOI: dict[str, tuple[str, str]] = {
    "information_current": ("With what is known now", "Med nuværende viden"),
    "information_perfect": ("With perfect information", "Med perfekt information"),
    "implementation_current": ("As followed now", "Som det følges i dag"),
    "implementation_specific": ("With the programme", "Med indsatsen for udbredelse"),
    "implementation_perfect": ("Followed by all", "Fulgt af alle"),
    "axis_implementation": (
        "Net benefit above {strategy}, {currency}",
        "Nettogevinst ud over {strategy}, {currency}",
    ),
    "decided_by": ("{name} decides", "{name} beslutter"),
    "axis_gain_informed": (
        "Gain from informing who decides, {currency}",
        "Gevinst ved viden hos den, der beslutter, {currency}",
    ),
    "gain_of": ("Gain of: {name}", "Gevinst for: {name}"),
}
