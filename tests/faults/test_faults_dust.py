"""Rounding dust taken for structure: differences of nearly equal numbers that had a sign, a spread and a ratio."""

from __future__ import annotations

import numpy as np
import pytest
from fault import fault

from costeff import Evaluation
from costeff.errors import CosteffError
from costeff.sensitivity.conditional import conditional_threshold

KIND = "rounding taken for a result"


def evaluation(
    cost: object, effect: object = None, names: tuple[str, ...] = ("usual", "new"), **more: object
) -> Evaluation:
    cost = np.asarray(cost, dtype=float)
    gain = np.zeros_like(cost) if effect is None else np.asarray(effect, dtype=float)
    return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, gain, **more)  # type: ignore[arg-type]


def a_price_step(constant: float, draws: int = 1000, scale: float = 1.0) -> Evaluation:
    """New costs what usual does and a constant more, in every draw."""
    u = np.random.default_rng(0).gamma(4, 2500 * scale, draws) * 1.1
    return evaluation(np.column_stack([u, u + constant * scale]), parameters={"u": u})


@fault(
    KIND,
    "gsa of an increment of cost that is 192.53 in every draw",
    "refused: the result does not vary (it gave a first-order share of 0.93 +- 0.007)",
)
@pytest.mark.parametrize("method", ["regression", "pawn"])
@pytest.mark.parametrize("constant", [192.53, 0.1, 7.7])
def test_a_constant_increment_has_no_drivers(method: str, constant: float) -> None:
    with pytest.raises(CosteffError, match="does not vary"):
        print(a_price_step(constant).gsa(method, result="incremental_cost").table.to_dict("records"))


@fault(KIND, "gsa of a net benefit in which cost and effect cancel in every draw", "refused: the result does not vary")
def test_a_net_benefit_that_cancels_has_no_drivers() -> None:
    u = np.random.default_rng(3).gamma(4, 0.3, 800)
    one = evaluation(
        np.column_stack([0 * u + 0.7, 30_000 * u]), np.column_stack([0 * u + 0.1, u + 0.3]), parameters={"u": u}
    )
    with pytest.raises(CosteffError, match="does not vary"):
        print(one.gsa(wtp=30_000).table.to_dict("records"))


@fault(KIND, "threshold of an increment of 192.53 in every draw, target 192.53", "the same everywhere, no root")
def test_a_constant_increment_has_no_threshold() -> None:
    found = conditional_threshold(a_price_step(192.53), "u", target=192.53)
    assert [root.value for root in found.roots] == []
    assert found.attrs["everywhere"]


@fault(KIND, "ICER table of effects 0.3 and 0.1 + 0.2", "equal effect, no ICER (it gave 9e17)")
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_equal_effects_have_no_icer(scale: float) -> None:
    one = evaluation([[100 * scale, 150 * scale]], [[0.3 * scale, (0.1 + 0.2) * scale]])
    (row,) = one.icer_table().iloc[1:].to_dict("records")
    assert (row["status"], row["incremental_effect"]) == ("equal effect", 0.0)
    assert np.isnan(row["icer"])
    assert row["quadrant"].startswith("north:")


@fault(KIND, "CEAC at wtp 0 of costs u + v + w against w + v + u", "0.5 and 0.5 (it gave 0.49 and 0.51)")
def test_sums_in_two_orders_tie() -> None:
    u, v, w = 1000 * np.random.default_rng(2).gamma(3, 0.37, (3, 1000))
    one = evaluation(np.column_stack([u + v + w, w + v + u]))
    assert one.ceac(0)["probability"].values.tolist() == [[0.5, 0.5]]
    assert one.ceaf(0)["tied"].values.tolist() == [1]
    assert one.evpi(0)["evpi"].values.tolist() == [0.0]
    assert one.risk_aversion(0, 1e-5)["preferred"].values.ravel().tolist() == ["usual"]


def with_halves(extra: float | None, seed: int = 4, draws: int = 400) -> Evaluation:
    """A reference, a strategy with noise, and where `extra` is given one that is the first and a constant."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(4, 25_000, draws)
    quality = rng.gamma(4, 2.5, draws)
    gain = rng.normal(0.02, 0.05, draws)
    money = level[:, None] + rng.normal(0, 900, (draws, 2))
    health = quality[:, None] + rng.normal(0, 0.02, (draws, 2))
    other = money + 800 + rng.normal(0, 2500, (draws, 2))
    better = health + gain[:, None] + rng.normal(0, 0.05, (draws, 2))
    costs, effects = [money, other], [health, better]
    names = ("usual", "new")
    if extra is not None:
        costs, effects, names = ([money, money + extra, other], [health, health, better], ("usual", "dear", "new"))
    cost, effect = np.stack(costs, axis=-1), np.stack(effects, axis=-1)
    return Evaluation("payer", "qaly", names, "usual", cost.mean(axis=1), effect.mean(axis=1), cost, effect)


@fault(
    KIND,
    "three strategies with noise, the second a constant dearer than the first in every draw",
    "noise_floored 0; without noise the others are as likely as without the second (its price is above 0)",
)
@pytest.mark.parametrize("extra", [100.0, 33.3, 0.1])
def test_a_strategy_a_constant_away_moves_no_other(extra: float) -> None:
    wtp = np.arange(0, 100_001, 10_000.0)
    three, two = with_halves(extra), with_halves(None)
    found, alone = three.ceac(wtp), two.ceac(wtp)
    assert found["noise_floored"].values.tolist() == alone["noise_floored"].values.tolist() == [0] * len(wtp)
    for name in ("usual", "new"):
        ours = found["probability_noise_corrected"].sel(strategy=name).values
        np.testing.assert_array_equal(ours, alone["probability_noise_corrected"].sel(strategy=name).values)
    loss, without = three.expected_loss(wtp), two.expected_loss(wtp)
    np.testing.assert_allclose(
        loss["expected_loss_noise_corrected"].sel(strategy=["usual", "new"]),
        without["expected_loss_noise_corrected"].sel(strategy=["usual", "new"]),
        rtol=1e-9,
        atol=1e-7,
    )


@fault(KIND, "the same, noise of the increments", "a constant has no variance and no noise, and nothing is floored")
def test_a_constant_increment_has_no_noise() -> None:
    table = with_halves(33.3).noise(20_000)
    dear = table[table["strategy"] == "dear"]
    assert dear["total_variance"].tolist() == [0.0] * 3
    assert dear["noise_variance"].tolist() == [0.0] * 3
    assert not dear["floored"].any()


@fault(
    KIND,
    "corrected acceptability where nothing is luck, at a wtp at which one draw has no cost at all",
    "the same as the raw one: that draw is a tie (the last digit of the mean decided it: off by 0.095 of 7 draws)",
)
@pytest.mark.parametrize("seed", [1, 2, 4])
def test_a_draw_of_zeros_is_a_tie_after_correction_too(seed: int) -> None:
    cost = np.random.default_rng(seed).integers(0, 9, (7, 3)) / 10
    cost[0] = 0
    half = np.repeat(cost[:, None], 2, axis=1)
    names = ("usual", "new", "other")
    found = Evaluation("payer", "qaly", names, "usual", cost, 0 * cost, half, 0 * half).ceac(0)
    np.testing.assert_allclose(found["probability_noise_corrected"], found["probability"], rtol=1e-12)
