"""Anchored in results small enough to work out by hand: the sentences of the key result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from present_example import evaluation, example_content
from two_example import plain, two

from costeff import Evaluation
from costeff.errors import ResultError, ScenarioError
from costeff.labels import Label
from costeff.study.report.content import Content, PerspectiveView
from costeff.study.report.sentences import cost_spread, horizon, key_result


def with_results(given: Evaluation, **more: object) -> Content:
    content = example_content(draws=4, halves=False)
    none = Label("", "")
    view = PerspectiveView("municipal", Label("Municipality", "Kommunen"), given, none, pd.DataFrame())
    return replace(content, perspectives=[view], **more)  # type: ignore[arg-type]


def test_spread_of_cost_by_hand() -> None:
    steps = [-100.0, 0.0, 100.0, 400.0]
    spread = cost_spread(two(steps, [0.0] * 4), "tki2")
    assert spread.mean == 100.0
    assert spread.mcse == pytest.approx(np.std(steps, ddof=1) / 2)
    assert (spread.lo, spread.hi) == pytest.approx((-92.5, 377.5))
    assert (spread.saves, spread.corrected) == (0.25, False)


def test_noise_is_removed_from_the_spread() -> None:
    """The corrected interval is narrower, around the same mean, as individual noise is part of the raw one."""
    noisy = evaluation(draws=400, seed=3)
    raw = replace(noisy, cost_half=None, effect_half=None)
    corrected, plain_spread = cost_spread(noisy, "tki2"), cost_spread(raw, "tki2")
    assert corrected.mean == plain_spread.mean
    assert corrected.corrected
    assert corrected.hi - corrected.lo < 0.95 * (plain_spread.hi - plain_spread.lo)


def test_costs_more() -> None:
    said = plain(key_result(with_results(two([400.0, 500.0, 600.0, 500.0] * 3, [0.1] * 12))))
    assert said[0] == (
        "Municipality: over 5 years, TKI2 costs 500 DKK more per citizen than usual care "
        "(95 % interval 400 to 600; probability that it saves: 0 %)."
    )


def test_costs_less_in_danish() -> None:
    said = plain(key_result(with_results(two([-4000.0, -5000.0, -6000.0, -5000.0] * 3, [0.1] * 12)), "da"))
    assert said[0] == (
        "Kommunen: Over 5 år koster TKI2 5.000 kr. mindre pr. borger end vanlig indsats "
        "(95 %-interval −6.000 til −4.000; sandsynlighed for at det sparer: 100 %)."
    )


def test_an_uncertain_and_noisy_difference_says_so() -> None:
    steps = [-500.0, 300.0, 500.0, -200.0] * 2
    said = plain(key_result(with_results(two(steps, [0.1] * 8, simulated=True))))[0]
    assert "Whether it costs more or less is uncertain." in said
    assert "Simulation error (standard error 100 DKK) could alone explain the difference" in said
    said = plain(key_result(with_results(two(steps, [0.1] * 8))))[0]
    assert "simulation" not in said.lower()
    assert "sampling error of the draws (standard error 100 DKK) could alone explain the difference" in said
    said = plain(key_result(with_results(two(steps[:4], [0.1] * 4, simulated=True))))[0]
    assert "With fewer than 5 draws or designs nothing is known of the simulation error" in said


def test_no_difference_and_one_draw() -> None:
    said = plain(key_result(with_results(two([0.0, 0.0], [0.0, 0.0]))))
    assert said[0].startswith("Municipality: over 5 years, TKI2 costs as much per citizen as usual care (95 %")
    said = plain(key_result(with_results(two([500.0], [0.1]))))
    assert said[0].endswith("than usual care (one draw, so no interval).")


def test_effect_sentence_follows_the_table() -> None:
    content = with_results(two([400.0, 600.0] * 6, [0.1] * 12))
    row = {"increment": -0.0312, "mcse": 0.0011, "lo": -0.05, "hi": -0.01}
    for unit, expected in (
        ("QALY", "gives 0.031 QALY less per citizen than usual care (95 % interval −0.050 to −0.010)"),
        ("share", "gives 3.1 %-points less per citizen than usual care (95 % interval −5.0 to −1.0 %-points)"),
    ):
        effects = content.effects.assign(unit=unit, **row)
        assert expected in plain(key_result(replace(content, effects=effects)))[1]


def test_who_pays_in_order_of_size() -> None:
    content = example_content()
    amounts = [10.0, -20.0, 1e-9, 300.0, -4000.0, 0.0, 5.0, -6.0, 1000.0, 2000.0]
    content = replace(content, parties=content.parties.assign(increment=amounts, mcse=0.0))
    said = plain(key_result(content))
    assert (
        "Pay more with TKI2: Other municipalities (equalisation) 300 DKK, Health and Care (MSO) 10 DKK and "
        "Employer 5 DKK." in said
    )
    assert "Pay less with TKI2: State 4,000 DKK, Social Affairs and Employment (MSB) 20 DKK and Citizen 6 DKK." in said
    danish = plain(key_result(content, "da"))
    assert any(text.endswith("og Arbejdsgiver 5 kr.") for text in danish)


def test_parties_that_the_simulation_does_not_settle_are_named_apart() -> None:
    content = example_content()
    amounts = [100.0, -100.0, 100.0] + [0.0] * 7
    content = replace(content, parties=content.parties.assign(increment=amounts, mcse=[50.0, 60.0, 10.0] + [0.0] * 7))
    said = plain(key_result(content))
    assert "Pay more with TKI2: Health and Care (MSO) 100 DKK and Municipal tax account 100 DKK." in said
    unsettled = (
        "Whether they pay more or less is not settled, as simulation error could alone explain the difference: "
        "Social Affairs and Employment (MSB)."
    )
    assert unsettled in said


def test_key_perspectives_are_the_first_and_the_widest() -> None:
    content = example_content(draws=20)
    views = [
        replace(content.perspectives[0], name=name, label=Label(name, name))
        for name in ("a", "b", "public", "c", "societal")
    ]
    said = key_result(replace(content, perspectives=views))
    assert [text.split(":")[0] for text in said[:3]] == ["a", "public", "societal"]
    said = key_result(replace(content, perspectives=views[:2]))
    assert [text.split(":")[0] for text in said[:2]] == ["a", "b"]


def test_willingness_to_pay_is_only_spoken_of_when_given() -> None:
    given = two([400.0, 500.0, 600.0, 500.0] * 3, [0.1, 0.2, 0.1, 0.2] * 3)
    assert not any("best choice" in text for text in key_result(with_results(given, wtp_at=None)))
    said = plain(key_result(with_results(given, wtp_at=1000.0)))
    assert (
        "Municipality: at 1,000 DKK per QALY, usual care is the best choice on average; the probability that "
        "it really is best: 100 %." in said
    )


def test_horizon_in_words() -> None:
    content = example_content(draws=4)
    assert horizon(content, "da") == "5 år"
    assert horizon(replace(content, trace=content.trace.isel(cycle=slice(0, 53))), "en") == "1 year"
    assert horizon(replace(content, trace=content.trace.isel(cycle=slice(0, 27))), "da") == "0,5 år"


def test_several_alternatives_need_names() -> None:
    content = example_content(alternatives=2)
    assert any("Other programme costs" in text for text in key_result(content))
    nameless = replace(content, effects=content.effects.drop(columns="strategy"))
    with pytest.raises(ResultError, match="does not say whose"):
        key_result(nameless)
    with pytest.raises(ScenarioError, match="unknown language"):
        key_result(content, "sv")
