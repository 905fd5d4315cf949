"""Anchored in results small enough to work out by hand: sentences and ICER words for every quadrant and both signs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from present_example import evaluation, example_content

from costeff import Evaluation
from costeff.cea.icer_words import icer_words
from costeff.errors import ResultError, ScenarioError
from costeff.labels import Label
from costeff.reporting.numbers import SPACE
from costeff.study.report.content import Content, PerspectiveView
from costeff.study.report.sentences import cost_spread, horizon, key_result

LABELS = {"usual_care": Label("Usual care", "Vanlig indsats"), "tki2": Label("TKI2", "TKI2")}


def two(cost: list[float], effect: list[float], **more: object) -> Evaluation:
    """Two strategies; the comparator costs 1000 and gives 1 in every draw, the other differs by the lists."""
    costs = np.array([[1000.0, 1000.0 + step] for step in cost])
    effects = np.array([[1.0, 1.0 + step] for step in effect])
    return Evaluation(
        "municipal", "qaly", ("usual_care", "tki2"), "usual_care", costs, effects, **{"currency": "DKK"} | more
    )  # type: ignore[arg-type]


def plain(texts: list[str]) -> list[str]:
    return [text.replace(SPACE, " ") for text in texts]


def with_results(given: Evaluation, **more: object) -> Content:
    content = example_content(draws=4, halves=False)
    none = Label("", "")
    view = PerspectiveView("municipal", Label("Municipality", "Kommunen"), given, none, pd.DataFrame())
    return replace(content, perspectives=[view], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cost", "effect", "english", "danish"),
    [
        (500.0, 0.5, "1,000 DKK per QALY gained", "1.000 kr. pr. vundet QALY"),
        (-500.0, -0.25, "saves 2,000 DKK per QALY lost", "sparer 2.000 kr. pr. mistet QALY"),
        (500.0, -0.5, "dominated: costs more, gives less*", "domineret: koster mere, giver mindre*"),
        (0.0, -0.5, "dominated: costs the same, gives less*", "domineret: koster det samme, giver mindre*"),
        (
            -500.0,
            0.5,
            "dominant: costs less, gives more than Usual care*",
            "dominant: koster mindre, giver mere end Vanlig indsats*",
        ),
        (
            0.0,
            0.5,
            "dominant: costs the same, gives more than Usual care*",
            "dominant: koster det samme, giver mere end Vanlig indsats*",
        ),
        (500.0, 0.0, "equal effect, costs more*", "samme effekt, koster mere*"),
        (-500.0, 0.0, "equal effect, costs less than Usual care*", "samme effekt, koster mindre end Vanlig indsats*"),
        (0.0, 0.0, "equal cost and equal effect*", "samme omkostning og samme effekt*"),
    ],
)
def test_icer_in_words(cost: float, effect: float, english: str, danish: str) -> None:
    """A star stands for what is said of how sure a status is, here of one draw."""
    alone = {"en": " (in this one draw)", "da": " (i denne ene trækning)"}
    for language, told in (("en", english), ("da", danish)):
        expected = told.replace("*", alone[language])
        words = icer_words(two([cost], [effect]), LABELS, language)
        assert plain([words["tki2"].text]) == [expected]
        assert words["tki2"].against == "usual_care"
        assert "−" not in words["tki2"].text
        assert "-" not in words["tki2"].text


def test_icer_of_weeks_avoided() -> None:
    fewer = two([500.0], [-2.0], effect_sign=-1, effect_unit="weeks")
    assert plain([icer_words(fewer, LABELS)["tki2"].text]) == ["250 DKK per week avoided"]
    more = two([-500.0], [2.0], effect_sign=-1, effect_unit="weeks")
    assert plain([icer_words(more, LABELS, "da")["tki2"].text]) == ["sparer 250 kr. pr. ekstra uge"]


def test_icer_interval_never_shows_a_negative_ratio() -> None:
    """Cost may go either way and the effect is certain: the lower limit is a saving, not a negative number."""
    unsure = two([-300.0, 100.0, 500.0, 900.0] * 3, [0.5] * 12)
    words = icer_words(unsure, LABELS)["tki2"]
    assert words.interval.startswith("a saving to ")
    assert "−" not in words.interval
    either = two([500.0] * 4000, [-0.5, 0.6, -0.4, 0.7] * 1000)
    words = icer_words(either, LABELS)["tki2"]
    assert words.interval == "not bounded: the difference in effect may be 0"
    few = two([500.0] * 8, [-0.5, 0.6, -0.4, 0.7] * 2, simulated=True)
    words = icer_words(few, LABELS)["tki2"]
    assert words.text == (
        "costs more, gives more; no ratio is formed (on average, in these draws; simulation error could explain the "
        "difference)"
    )
    assert words.interval == "–"


def test_several_strategies() -> None:
    """Cost 0, 10, 20, 40 and gain 0, 1, 0.5, 6: the second is extendedly dominated (10 > 40/6), the third dominated."""
    names = ("usual_care", "a", "b", "c")
    four = Evaluation(
        "x",
        "qaly",
        names,
        "usual_care",
        np.array([[0.0, 10.0, 20.0, 40.0]]),
        np.array([[0.0, 1.0, 0.5, 6.0]]),
        currency="DKK",
    )
    words = icer_words(four, LABELS)
    assert words["usual_care"].text == "reference"
    assert words["a"].text.startswith("extendedly dominated")
    assert words["b"].text.startswith("dominated")
    assert plain([words["c"].text]) == ["6.67 DKK per QALY gained"]
    assert [words[name].against for name in names] == ["", "usual_care", "usual_care", "usual_care"]


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


def test_dominance_that_the_simulation_does_not_settle_says_so() -> None:
    """Effect -0.05 on average with standard error 0.32: dominated on the mean, and not more than that."""
    for sign, word in ((1.0, "dominated"), (-1.0, "dominant")):
        cost, effect = [sign * 500.0] * 8, [sign * step for step in (-0.7, 0.5, -0.6, 0.6)] * 2
        words = icer_words(two(cost, effect, simulated=True), LABELS)["tki2"].text
        assert words.startswith(word)
        assert words.endswith("(on average, in these draws; simulation error could explain the difference)")
        sure = plain([icer_words(two(cost, [sign * -0.5] * 8), LABELS)["tki2"].text])[0]
        assert sure.startswith(word)
        assert sure.endswith("(on average; so in 100 % of the draws)")


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
