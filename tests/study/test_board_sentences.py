"""Anchored in the draws themselves, read again in plain NumPy: no sentence for a board contradicts its numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from costeff import Evaluation
from costeff.cea.decide import NET_BENEFIT, NET_COST, decide
from costeff.labels import Label
from costeff.sensitivity.break_even import BreakEven
from costeff.study.decision.board import Board, EffectParameter, EvenPoint, SeverityClass
from costeff.study.decision.sentences import QUESTIONS, answers
from costeff.study.decision.table import board_text, table_rows
from costeff.study.decision.worth import worth_knowing

NAMES = ("Zeta", "Alpha", "Beta", "Gamma")
GRID = np.linspace(0, 500_000, 51)


def random_evaluation(seed: int) -> Evaluation:
    """Two to four strategies with costs and effects of any order, 60 draws, one parameter that moves costs."""
    rng = np.random.default_rng(seed)
    count, draws = int(rng.integers(2, 5)), 60
    moving = rng.normal(size=draws)
    cost = 50_000 + rng.normal(0, 8_000, count) + rng.normal(0, 4_000, (draws, count))
    cost[:, 1] += 6_000 * moving
    effect = 3 + rng.normal(0, 0.05, count) + rng.normal(0, 0.03, (draws, count))
    return Evaluation(
        "payer", "qaly", NAMES[:count], NAMES[0], cost, effect, effect_unit="QALY", parameters={"x": moving}
    )


def board_with(evaluation: Evaluation, rule: str, *, with_worth: bool = True) -> Board:
    decision = decide(evaluation, rule, GRID)
    return Board(
        strategies={name: Label(name, name) for name in evaluation.strategies},
        comparator=NAMES[0],
        perspectives={"payer": Label("Payer", "Betaler")},
        has_declaration=True,
        decisions=(decision,),
        currency="DKK",
        effect_unit="QALY",
        years=5,
        is_simulated=True,
        worth=worth_knowing(evaluation, decision, None, "") if with_worth else None,
        assumptions=1,
        parameters=2,
        effect_parameters=(EffectParameter("x", "assumption", 1.0, 0.5, 2.0),),
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def amount(text: str) -> float:
    return float(text.replace(",", ""))


def contradictions(evaluation: Evaluation, rule: str, sentences: dict[str, list[str]]) -> list[str]:
    """What the sentences say that the draws do not; an own reading, which imports nothing that wrote them."""
    benefit = 0.0 * evaluation.effect - evaluation.cost
    order = np.argsort(-benefit.mean(axis=0))
    wrong = []
    if rule == NET_COST:
        best, rival = (NAMES[i] for i in order[:2])
        told = re.search(r"(keep|choose) (\w+)\.", sentences["recommended"][0])
        if told is None or told[2] != best or (told[1] == "keep") != (best == NAMES[0]):
            wrong.append(f"the cheapest is {best}: {sentences['recommended'][0]}")
        lead = re.search(r"costs ([\d,]+) DKK less .* than (\w+), on average", sentences["recommended"][1])
        own = float(benefit.mean(axis=0)[order[0]] - benefit.mean(axis=0)[order[1]])
        error = float(np.std(benefit[:, order[0]] - benefit[:, order[1]], ddof=1) / np.sqrt(evaluation.draws))
        if lead is not None and (lead[2] != rival or abs(amount(lead[1]) - own) > max(error, 1)):
            wrong.append(f"the lead on {rival} is {own:.0f}: {sentences['recommended'][1]}")
        settled = own > 2.1 * error
        if settled and any("does not settle" in text for text in sentences["recommended"]):
            wrong.append("it is settled")
        if own < 1.9 * error and not any("does not settle" in text for text in sentences["recommended"]):
            wrong.append("it is not settled")
        share = re.search(r"that (\w+) costs least is [<>]?(\d+) %", sentences["sure"][0])
        of_best = 100 * float((benefit.argmax(axis=1) == order[0]).mean())
        if share is None or share[1] != best or abs(float(share[2]) - of_best) > 1:
            wrong.append(f"{best} is cheapest in {of_best:.0f} %: {sentences['sure'][0]}")
        loss = re.search(r"chooses (\w+) loses ([\d,]+) DKK .* with (\w+) it would be ([\d,]+)", sentences["wrong"][0])
        lost = (benefit.max(axis=1)[:, None] - benefit).mean(axis=0)
        if loss is not None:
            for name, text in ((loss[1], loss[2]), (loss[3], loss[4])):
                if abs(amount(text) - lost[NAMES.index(name)]) > max(error, 1):
                    wrong.append(f"{name} loses {lost[NAMES.index(name)]:.0f}: {sentences['wrong'][0]}")
        elif lost[order[0]] > max(error, 1):
            wrong.append(f"{best} loses {lost[order[0]]:.0f}: {sentences['wrong'][0]}")
        return wrong
    for wtp in np.linspace(0, 500_000, 38):
        benefit = (wtp * evaluation.effect - evaluation.cost).mean(axis=0)
        told_names = chosen_at(sentences["recommended"], float(wtp))
        if NAMES[int(benefit.argmax())] not in told_names:
            wrong.append(f"at {wtp:.0f} {NAMES[int(benefit.argmax())]} is best, not {told_names}")
    return wrong


def chosen_at(texts: list[str], wtp: float) -> set[str]:
    """Which strategies the text puts at a value; at a turn, which is told to three digits, both beside it."""
    whole = re.search(r"(?:keep|choose) (\w+)\.", texts[0])
    if whole:
        return {whole[1]}
    told = set()
    clause = texts[0].split(" DKK: ", 1)[1]
    for name, low, high in re.findall(r"(\w+) (?:from ([\d,]+) DKK )?(?:up to|to|on)(?: ([\d,]+) DKK)?", clause):
        ends = (amount(low) if low else 0.0, amount(high) if high else np.inf)
        if ends[0] * 0.99 <= wtp <= ends[1] * 1.01 + 1:
            told.add(name)
    return told


def sentences_of(board: Board) -> dict[str, list[str]]:
    return {one.key: [plain(text) for text in one.sentences] for one in answers(board)}


@pytest.mark.parametrize("rule", [NET_COST, NET_BENEFIT])
def test_no_sentence_contradicts_its_numbers(rule: str) -> None:
    """200 random evaluations in all, each with an answer to all five questions."""
    several = 0
    for seed in range(100):
        evaluation = random_evaluation(seed)
        board = board_with(evaluation, rule, with_worth=seed % 10 == 0)
        sentences = sentences_of(board)
        assert list(sentences) == list(QUESTIONS)
        assert all(texts and all(texts) for texts in sentences.values())
        assert contradictions(evaluation, rule, sentences) == [], seed
        several += len(board.first.stretches) > 1
    assert (several > 20) == (rule == NET_BENEFIT)


@pytest.mark.parametrize("rule", [NET_COST, NET_BENEFIT])
def test_a_planted_contradiction_is_caught(rule: str) -> None:
    """Two strategies change their names in what is recommended, or a probability or loss is another."""
    for seed in range(30):
        evaluation = random_evaluation(seed)
        sentences = sentences_of(board_with(evaluation, rule, with_worth=False))
        first = NAMES.index(re.search(r"(Zeta|Alpha|Beta|Gamma)", sentences["recommended"][0])[1])  # type: ignore[index]
        other = NAMES[(first + 1) % len(evaluation.strategies)]
        planted = [text.replace(NAMES[first], "?").replace(other, NAMES[first]) for text in sentences["recommended"]]
        planted = [text.replace("?", other) for text in planted]
        assert contradictions(evaluation, rule, sentences | {"recommended": planted})
    if rule == NET_COST:
        for key, old, new in (("sure", r"\d+ %", "3 %"), ("wrong", r"[\d,]+ DKK", "99,999 DKK")):
            wrong = [re.sub(old, new, text) for text in sentences[key]]
            assert contradictions(evaluation, rule, sentences | {key: wrong})


def test_break_even_in_the_effect_and_in_citizens() -> None:
    point = BreakEven("x", 1.0934, pays_above=True, shares={"returned": 0.0312})
    even = EvenPoint(point, 0.99, 0.4895, 1.9928, 0.37)
    board = replace(
        board_with(random_evaluation(1), NET_COST),
        even={"Alpha": even, "Beta": None},
        even_perspective="payer",
        effects={"returned": Label("Returned to work", "Tilbage i arbejde")},
        parameter_labels={"x": Label("Effect on return", "Effekt på tilbagevenden")},
    )
    assert sentences_of(board)["change"][:3] == [
        "Payer: Alpha breaks even where “Effect on return” is 1.09, and pays above that. It is taken to be 0.99 "
        "(95 % interval 0.489 to 1.99); 37 % of the draws lie where it pays.",
        "At that point some 3 more of 100 citizens than with Zeta: Returned to work.",
        "No parameter of the effect of Beta, moved alone over its 95 % interval, makes it break even.",
    ]


def test_classes_of_severity_are_told_together() -> None:
    base = board_with(random_evaluation(1), NET_BENEFIT)
    strategies = ["Zeta", "Zeta", "Alpha", "Alpha", "Alpha"]
    classes = tuple(SeverityClass(i, 275_000.0 * i, name) for i, name in enumerate(strategies, start=1))
    split = sentences_of(replace(base, severity={"payer": classes}))["recommended"]
    assert split[-1] == "By severity group: groups 1 to 2: Zeta; groups 3 to 5: Alpha."
    alike = sentences_of(replace(base, severity={"payer": classes[2:]}))["recommended"]
    assert alike[-1] == "In all 3 severity groups (one QALY worth 825,000 DKK to 1,375,000 DKK): Alpha."


def test_perspectives_never_repeat_a_sentence() -> None:
    board = board_with(random_evaluation(3), NET_COST)
    names = [f"view {i}" for i in range(14)]
    many = replace(
        board,
        perspectives={name: Label(name, name) for name in names},
        decisions=tuple(replace(board.first, perspective=name) for name in names),
    )
    for language in ("en", "da", "nb"):
        texts = [text for one in answers(many, language) for text in one.sentences]
        assert len(texts) == len(set(texts))
    assert len(table_rows(many, "en")) == len(names)
    text = board_text(many, "en")
    assert all(text.count(one.question) == 1 for one in answers(many))


def test_one_draw_has_no_probability_and_no_loss() -> None:
    evaluation = random_evaluation(1)
    alone = replace(evaluation, cost=evaluation.cost[:1], effect=evaluation.effect[:1], parameters={})
    sentences = sentences_of(board_with(alone, NET_COST))
    assert "no probability" in sentences["sure"][0]
    assert "no expected loss" in sentences["wrong"][0]
    assert "Too few draws" in sentences["unknown"][0]
