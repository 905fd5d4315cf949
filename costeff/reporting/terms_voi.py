"""Words of the figures on implementation and decision makers, in English and Danish; `terms.py` takes them up."""

from __future__ import annotations

TERMS_VOI: dict[str, tuple[str, str]] = {
    "information_current": ("With what is known now", "Med nuværende viden"),
    "information_perfect": ("With perfect information", "Med perfekt information"),
    "implementation_current": ("As followed now", "Som det følges i dag"),
    "implementation_specific": ("With the effort to spread it", "Med indsatsen for udbredelse"),
    "implementation_perfect": ("Followed by all", "Fulgt af alle"),
    "at_wtp": ("at {money} per {unit}", "ved {money} pr. {unit}"),
    "axis_subgroup": (
        "Net benefit above {strategy}, {currency} per citizen of the subgroup (95 % of draws)",
        "Nettogevinst ud over {strategy}, {currency} pr. borger i gruppen (95 % af trækningerne)",
    ),
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
