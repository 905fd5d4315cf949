"""Anchored in the closed form of a model of two cycles with a third strategy, whose price is a tenth of care."""

from __future__ import annotations

from math import exp
from pathlib import Path

import pytest

from costeff import Study, load

FOLDER = Path(__file__).parents[1] / "data" / "dsa"
SAVED = 1000 * (exp(-0.5) - exp(-0.75))
"""What both strategies save in care at base values: a net cost of programme - SAVED for new, 100 - SAVED for other."""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("three")
    for name in ("linear_parameters.yaml", "linear_cohort.yaml"):
        (folder / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    text = (FOLDER / "linear.yaml").read_text("utf-8")
    text = (
        text.replace(
            "  new: {label: {en: New, da: Ny}}\n",
            "  new: {label: {en: New, da: Ny}}\n  other: {label: {en: Another, da: Anden}}\n",
        )
        .replace(
            "  - {strategy: new, legs: [recovery], ratio: hr, scale: hazard}\n",
            "  - {strategy: new, legs: [recovery], ratio: hr, scale: hazard}\n"
            "  - {strategy: other, legs: [recovery], ratio: hr, scale: hazard}\n",
        )
        .replace(
            "  - {item: help,",
            "  - {item: course, from: payer, to: resources, per: start, amount: 0.1 * care, strategies: [other], "
            "programme: true,\n     real: 0.1 * care, label: {en: Course, da: Kursus}}\n  - {item: help,",
        )
    )
    (folder / "linear.yaml").write_text(text, "utf-8")
    return load(folder / "linear_cohort.yaml")


@pytest.mark.parametrize("wtp", [None, 400.0])
def test_the_best_of_three_switches_where_prices_meet(three: Study, wtp: float | None) -> None:
    """Both gain the same, so that they switch at a programme of 100, whatever is compared with usual care."""
    for strategy in ("new", "other"):
        found = three.threshold("programme", "payer", wtp=wtp, strategy=strategy)
        (switch,) = found.switches
        assert (switch.before, switch.after) == ("new", "other")
        assert switch.value == pytest.approx(100, abs=1e-3)
        assert switch.mcse == 0  # the cohort engine has no luck
        best = found.curve.set_index("value")["preferred"]
        assert set(best[best.index < 100]) == {"new"}
        assert set(best[best.index > 100]) == {"other"}
    (root,) = three.threshold("programme", "payer", strategy="new").roots
    assert root.value == pytest.approx(SAVED, abs=1e-3)


def test_the_effect_has_a_tornado_and_a_threshold(three: Study) -> None:
    """Years well gained: exp(-h) - exp(-h hr), which no price moves; as counted where fewer is better."""
    table = three.one_way("payer", on="effect", strategy="new").set_index("name")
    assert table.attrs["measure"] == "effect"
    assert table.attrs["base"] == pytest.approx(SAVED / 1000, abs=1e-9)
    low, high = three.evidence.parameters["hr"].interval()
    for end, ratio in (("low", low), ("high", high)):
        assert table.loc["hr", f"{end}_result"] == pytest.approx(exp(-0.5) - exp(-0.5 * ratio), abs=1e-9)
    assert table.loc[["programme", "care"], "swing"].abs().max() == 0
    assert table.loc["hr", "low_preferred"] == "usual"
    fewer = three.one_way("payer", on="effect", effect="ill_years", strategy="new", parameters=["hr"])
    assert fewer.attrs["base"] == pytest.approx(-SAVED / 1000, abs=1e-9)
    (root,) = three.threshold("hr", "payer", on="effect", strategy="new").roots
    assert root.value == pytest.approx(1.0, abs=1e-5)
