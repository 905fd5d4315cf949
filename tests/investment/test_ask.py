"""Anchored in the closed form of a normal gain: knowing its only cause is worth s phi(m/s) - |m| Phi(-|m|/s)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from case_example import example_result
from scipy.stats import norm

from costeff.analysis.load import load
from costeff.catalogue import is_word, languages, say
from costeff.errors import ResultError
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.figures_to_ask import ask_note, ask_rows
from costeff.study.ask import form_of, holder_of, ranked, worth_asking

DRAWS = 400


def test_a_planted_decisive_figure_is_first_in_nineteen_of_twenty_cases() -> None:
    """Six figures move the gain by random amounts, one of them three times the next; its place is drawn too."""
    first = 0
    for seed in range(20):
        luck = np.random.default_rng(seed)
        figures = {f"x{n}": luck.gamma(luck.uniform(1, 6), size=DRAWS) for n in range(6)}
        slopes = luck.uniform(0.1, 1.0, 6) * luck.choice([-1, 1], 6)
        planted = int(luck.integers(6))
        spreads = np.array([np.std(values) for values in figures.values()])
        slopes /= spreads
        slopes[planted] *= 3 / abs(slopes[planted] * spreads[planted])
        gain = sum(slope * (v - v.mean()) for slope, v in zip(slopes, figures.values(), strict=True))
        gain = gain + luck.normal(luck.uniform(-1, 1), 0.5, DRAWS)
        first += ranked(gain, figures, "DKK")[0][0] == f"x{planted}"
    assert first >= 19


def test_the_worth_is_that_of_the_closed_form() -> None:
    luck = np.random.default_rng(5)
    cause, other = luck.normal(size=(2, 4000))
    mean, spread = -300.0, 1000.0
    rows = dict(ranked(mean + spread * cause, {"cause": cause, "other": other}, "DKK"))
    expected = spread * norm.pdf(mean / spread) - abs(mean) * norm.cdf(-abs(mean) / spread)
    worth, error, settled = rows["cause"]
    assert worth == pytest.approx(expected, abs=4 * error)
    assert settled
    assert not rows["other"][2]


def test_few_draws_rank_nothing() -> None:
    with pytest.raises(ResultError, match="too few draws"):
        ranked(np.zeros(50), {"x": np.arange(50.0)}, "DKK")
    assert ranked(np.zeros(100), {"x": np.ones(100)}, "DKK") == []


def test_each_figure_of_the_model_has_a_holder_and_words() -> None:
    evidence = load("tki2").evidence
    holders = {holder_of(name) for name in evidence.parameters}
    assert {holder for holder, _ in holders} == {"trial", "register", "municipality", "programme", "nobody"}
    for language in languages():
        for holder, table in holders:
            assert is_word(f"ask_holder_{holder}", language)
            assert is_word(f"ask_table_{table}", language) or table.startswith("jobindsats.dk ")
        assert all(is_word(f"ask_form_{form_of(p.unit)}", language) for p in evidence.parameters.values())


def test_figures_of_places_are_apart_from_what_only_a_study_tells() -> None:
    assert {holder_of(name) for name in ("occupancy", "places", "share_hospital")} == {("municipality", "care")}
    assert holder_of("change_in_stay") == holder_of("h_death_hospital") == ("trial", "trial")
    assert all(is_word("ask_table_care", language) for language in languages())


def test_the_page_tells_what_is_more_than_luck() -> None:
    luck = np.random.default_rng(2)
    result = example_result(draws=200)
    scale = luck.normal(size=200)
    usual = result.cash.usual * (1 + 0.3 * scale[:, None, None])
    decisive = replace(
        result, cash=replace(result.cash, usual=usual), parameters={"scale": scale, "idle": luck.normal(size=200)}
    )
    content = replace(case_content(decisive), ask_rows=worth_asking(decisive))
    for language in languages():
        rows = ask_rows(content, language)
        assert [row[0] for row in rows] == ["scale"]
        assert "1" in ask_note(content, language)
    nothing = replace(content, ask_rows=[replace(row, more_than_luck=False) for row in content.ask_rows])
    assert ask_note(nothing, "da") == say("ask_nothing", "da")
    assert ask_rows(nothing, "da") == []
