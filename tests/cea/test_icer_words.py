"""Anchored in results small enough to work out by hand: ICER words for every quadrant and both signs."""

from __future__ import annotations

import numpy as np
import pytest
from two_example import LABELS, plain, two

from costeff import Evaluation
from costeff.cea.icer_words import icer_words


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


@pytest.mark.parametrize(
    ("language", "dearer", "worse"),
    [
        (
            "en",
            "costs more, gives more; no ratio is formed (on average, in these draws; not settled, as fewer than 5 "
            "draws or designs tell of no error)",
            "dominated: costs more, gives less (on average, in these draws; not settled, as fewer than 5 draws or "
            "designs tell of no error)",
        ),
        (
            "da",
            "koster mere, giver mere; der dannes intet forhold (i gennemsnit, i disse trækninger; ikke afgjort, da "
            "færre end 5 trækninger eller design intet siger om fejlen)",
            "domineret: koster mere, giver mindre (i gennemsnit, i disse trækninger; ikke afgjort, da færre end 5 "
            "trækninger eller design intet siger om fejlen)",
        ),
    ],
)
def test_few_draws_tell_of_no_error(language: str, dearer: str, worse: str) -> None:
    """Of three or four draws an error says too little of itself: that is what is said, not that it could be luck."""
    told = icer_words(two([500.0, 400.0, 500.0], [0.5, -0.5, 0.5]), LABELS, language)["tki2"]
    assert (told.text, told.interval) == (dearer, "–")
    assert icer_words(two([500.0, 400.0] * 2, [-0.5, 0.2] * 2), LABELS, language)["tki2"].text == worse


@pytest.mark.parametrize(("language", "start"), [("en", "dominated to "), ("da", "domineret til ")])
def test_a_saving_per_unit_lost_may_be_no_saving(language: str, start: str) -> None:
    """Less is given for sure, and whether that saves is not: below 0 lies a strategy that is dominated."""
    unsure = two([300.0, -100.0, -500.0, -900.0] * 8, [-0.5] * 32)
    assert icer_words(unsure, LABELS, language)["tki2"].interval.startswith(start)


def test_a_dominated_row_of_equal_cost_among_three() -> None:
    """Costs what the reference costs and gives less; said so with three strategies too, here in every draw."""
    names = ("usual_care", "a", "b")
    cost, effect = [[0.0, 0.0, 10.0]] * 6, [[1.0, 0.5, 2.0]] * 6
    three = Evaluation("x", "qaly", names, "usual_care", cost, effect, currency="DKK")
    assert plain([icer_words(three, LABELS)["a"].text]) == [
        "dominated: costs the same, gives less (on average; so in 100 % of the draws)"
    ]
