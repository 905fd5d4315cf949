"""Anchored in each strategy alone: strategies that start people in states of their own divide a group once, not in
every combination, and each lives as it does without the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_models import E, conventions, label, model, states

from costeff.compile.groups import compile_groups
from costeff.engine.cohort.cohort import cohort
from costeff.engine.tensors import Tensors
from costeff.model import Attribute, Model, Strategy, Transition

DRAWS = {"p": np.array([0.0, 0.3, 1.0]), "q": np.array([0.25, 0.0, 0.6])}
#: Shares of the states a and b; the rest start in c. The second of a draw may leave nothing.
SHARES = [("p", "0"), ("q", "1 - q"), ("p * (1 + sex) / 2", "q * (1 - p)"), ("0", "0"), ("1", "0"), ("0.1", "q / 2")]


def start(name: str, shares: tuple[str, str]) -> Attribute:
    return Attribute(name, categories={"a": E(shares[0]), "b": E(shares[1]), "c": E("rest")})


def started(*shares: tuple[str, str], reads: str = "") -> Model:
    """One strategy for each pair of shares; men leave `a` faster, and `reads` weighs the hazard of `b`."""
    names = [f"start_{i}" for i in range(len(shares))]
    sex = Attribute("sex", categories={"women": E("p"), "men": E("rest")})
    return model(
        Transition("worsen", "a", "b", hazard=E("0.2"), multiplier=E("1 + sex")),
        Transition("end", "b", "c", hazard=E("0.1"), multiplier=E(reads) if reads else None),
        conventions=conventions(6, "half_cycle"),
        states=states("a", "b", "c"),
        attributes=(sex, *(start(name, own) for name, own in zip(names, shares, strict=True))),
        start=names[0],
        strategies=tuple(Strategy(f"s{i}", label(f"s{i}"), start=name) for i, name in enumerate(names)),
    )


def tensors(one: Model) -> Tensors:
    return compile_groups(one, DRAWS, {}).tensors


@given(st.lists(st.sampled_from(SHARES), min_size=2, max_size=4))
def test_each_strategy_lives_as_it_does_alone(shares: list[tuple[str, str]]) -> None:
    together = tensors(started(*shares))
    assert together.group_weight is not None
    assert together.group_weight.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)
    # Two sexes, each cut at most where a state begins: 2 cuts a strategy.
    assert together.individuals <= 2 * (2 * len(shares) + 1)
    trace = cohort(together).trace
    for g, own in enumerate(shares):
        assert trace[g] == pytest.approx(cohort(tensors(started(own))).trace[0], abs=1e-12)


def test_a_start_that_something_reads_divides_in_every_combination() -> None:
    shares = SHARES[0], SHARES[2], SHARES[5]
    apart = tensors(started(*shares))
    read = tensors(started(*shares, reads="1 + start_1 + start_2"))
    assert apart.individuals < read.individuals
    plain = started(*shares, reads="1 + 0 * start_1 + 0 * start_2")
    assert cohort(tensors(plain)).trace == pytest.approx(cohort(apart).trace, abs=1e-12)


def test_a_start_that_another_start_reads_divides_in_every_combination() -> None:
    """Who starts in b under the second strategy is whoever starts in a under the first."""
    one = started(SHARES[5], ("0", "where(start_0 == a, 1, 0)"))
    first = cohort(tensors(one)).trace[:, :, 0]
    assert first[1, 1] == pytest.approx(first[0, 0], rel=1e-12)
    assert first[1, 0] == 0
    swapped = replace(one, start="start_1")
    assert cohort(tensors(swapped)).trace == pytest.approx(cohort(tensors(one)).trace, abs=1e-12)
