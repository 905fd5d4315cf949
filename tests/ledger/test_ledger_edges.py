"""Anchored in sums by hand: amounts by band and by event, halves of one layer, the bound on rounding, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from random_ledgers import BANDS, LAYERS, NUMBERS, STATES, YEAR, YEARS, E, Ledger, build, label

from costeff.errors import ModelError, ResultError
from costeff.ledger import QUANTUM, Effects, cost, effects, flows, rounding, rounding_by_draw
from costeff.ledger.flows import Among
from costeff.model import Effect, Flow, Perspective, Share, Term

D, G = 4, 3
PAYER = Perspective("payer", label("p"), ("state",))


def care(**fields: object) -> Flow:
    """The state pays 100 a cycle in state a to the citizen."""
    given_fields: dict[str, object] = {"amounts": {"a": E(100)}} | fields
    return Flow("care", "state", "citizen", label("c"), **given_fields)  # type: ignore[arg-type]


def ledger(*flow: Flow, effect: Effect | None = None, view: Perspective = PAYER) -> Ledger:
    """One cycle in every cell of the first half, two in the second, in each year and layer; one event of each kind."""
    shape = (D, G, 2, *BANDS.values(), YEARS, LAYERS)
    time = np.ones(shape)
    time[:, :, 1] = 2.0
    return Ledger(
        model=build(flow or (care(),), (view,), () if effect is None else (effect,)),
        draws={name: np.arange(1.0, D + 1) for name in NUMBERS},
        time={(weight, state): time for weight in (None, "wage", "utility") for state in STATES},
        events={name: np.ones((D, G, 2, YEARS, LAYERS)) for name in ("go", "back", "die")},
        passages=np.ones((D, G, 2, 1, YEAR * YEARS + 2)),
        half_sizes=np.array([3.0, 1.0]),
    )


def effect_of(**fields: object) -> Effect:
    return Effect("one", label("e"), "weeks", "more", **fields)  # type: ignore[arg-type]


def value(effect: Effect) -> np.ndarray:
    return counted(effect).value


def counted(effect: Effect) -> Effects:
    one = ledger(effect=effect)
    return effects(one.model, one.layout, one.env, one.quantities(), layer=1)


def test_an_amount_by_band_is_that_of_each_interval() -> None:
    """`ladder` has intervals from 0, 2 and 5: (0 + 2 + 5) x 2 absence cells x 3 years x (1 + 2) cycles, of 4 people."""
    weeks = counted(effect_of(terms=(Term(("a",), E("t"), band="ladder"),)))
    assert weeks.value.shape == (D, G, 1)
    assert weeks.value == pytest.approx((0 + 2 + 5) * 2 * YEARS * 3 / 4)
    assert weeks.half is not None
    assert weeks.half.shape == (D, 2, G, 1)
    assert weeks.half[:, 0] == pytest.approx((0 + 2 + 5) * 2 * YEARS * 1 / 3)
    assert weeks.half[:, 1] == pytest.approx((0 + 2 + 5) * 2 * YEARS * 2 / 1)


def test_an_amount_by_band_finds_its_cells_in_a_finer_tally() -> None:
    """A flow counts ladder x absence; 10 i + j cycles in interval i and j, and an amount of x1 times the lower edge."""
    split = Share(tuple(E("1") for _ in range(6)), ("ladder", "absence"))
    cells = 10.0 * np.arange(3)[:, None] + np.arange(2)
    one = ledger(care(shares=(split,)), effect=effect_of(terms=(Term(("a",), E("t * x1"), band="ladder"),)))
    time = {key: np.broadcast_to(cells[:, :, None, None], values.shape) for key, values in one.time.items()}
    one = replace(one, time=time)
    total = sum(edge * cells[i].sum() for i, edge in enumerate((0, 2, 5))) * YEARS * 2 / 4
    weeks = effects(one.model, one.layout, one.env, one.quantities(), layer=1)
    assert weeks.value[:, 0, 0] == pytest.approx(total * np.arange(1.0, D + 1))


def test_a_factor_is_that_of_each_draw() -> None:
    plain, larger = (value(effect_of(terms=(Term(("a",), E(1)),), factor=factor)) for factor in (None, E("x1 * 2")))
    assert larger[:, 0, 0].tolist() == [2 * x * plain[0, 0, 0] for x in (1.0, 2.0, 3.0, 4.0)]


def test_an_amount_by_event_counts_the_events_of_a_leg() -> None:
    """`leave` is `go` and `back`: two events a year, three years, in both halves, times x1 of each draw."""
    found = value(effect_of(terms=(Term((), E("x1"), events=("leave",)),)))
    assert found[:, 0, 0].tolist() == [4 * YEARS * x / 4 for x in (1.0, 2.0, 3.0, 4.0)]
    first_year = value(effect_of(terms=(Term((), E("x1"), events=("leave",), within=YEAR),)))
    assert first_year.tolist() == (found / YEARS).tolist()


def test_a_passage_after_the_horizon_counts_as_the_horizon() -> None:
    """One passage in each of 24 cycles, one in the last moment, one never: all are cut at `mean_within`."""
    late = value(effect_of(passage="return", mean_within=YEAR * YEARS))
    assert late == pytest.approx(2 * (sum(range(YEAR * YEARS)) + 2 * YEAR * YEARS) / 4)
    assert value(effect_of(passage="return", within=YEAR * YEARS)) == pytest.approx(2 * YEAR * YEARS / 4)


def test_years_must_be_kept_to_count_the_first_ones() -> None:
    one = ledger(effect=effect_of(terms=(Term(("a",), E(1), within=YEAR),)))
    quarters = replace(one.quantities(), time=np.zeros((D, G, 2, one.layout.size, 8, LAYERS)))
    with pytest.raises(ModelError, match="time is not kept by year") as refused:
        effects(one.model, one.layout, one.env, quarters, layer=1)
    assert "8 periods" in str(refused.value)
    assert f"{YEARS} periods" in str(refused.value)


def test_halves_of_one_layer_are_those_of_all() -> None:
    one = ledger()
    every = flows(one.model, one.layout, one.env, one.quantities())
    kept = flows(one.model, one.layout, one.env, one.quantities(), half_layer=1)
    assert every.half is not None
    assert kept.half is not None
    assert kept.half.shape == (*every.half.shape[:-1], 1)
    both = [cost(PAYER, priced, one.env, 1, half=True) for priced in (every, kept)]
    assert both[0].shape == (D, 2, G, YEARS)
    assert both[0].tolist() == both[1].tolist()
    assert both[0][:, 0] == pytest.approx(100 * 6 * 1 / 3)
    assert both[0][:, 1] == pytest.approx(100 * 6 * 2 / 1)
    first = flows(one.model, one.layout, one.env, one.quantities(), half_layer=0)
    assert first.half is not None
    assert first.half.tolist() == every.half[..., :1].tolist()
    with pytest.raises(ResultError, match="halves are kept for layer 1 only"):
        cost(PAYER, kept, one.env, 0, half=True)
    assert cost(PAYER, kept, one.env, 0).shape == (D, G, YEARS)


def test_any_number_of_threads_gives_the_same() -> None:
    one = ledger(care(), care(amounts={"b": E("x2")}, adds=True))
    first, second = (flows(one.model, one.layout, one.env, one.quantities(), threads=threads) for threads in (1, 3))
    assert first.amount.tolist() == second.amount.tolist()


def test_small_amounts_are_rounded_to_finer_steps() -> None:
    """All flows of a draw are 10^-6 x 6 cycles x 3 / 4 x 2 years, below 2^-16: the step is 2^-24-26."""
    one = ledger(care(amounts={"a": E("0.000001")}))
    priced = flows(one.model, one.layout, one.env, one.quantities())
    assert priced.quantum is not None
    assert set(priced.quantum.tolist()) == {2.0 ** (-24 - 10 + math.frexp(1e-6 * 6 * 3 / 4 * YEARS)[1])}


def test_a_line_priced_among_others_is_rounded_as_with_them() -> None:
    """By itself it would be rounded to finer steps, as all that a draw pays is ten thousand times smaller."""
    one = ledger(care(amounts={"a": E("0.00001 * x1")}), care(amounts={"a": E("0.000000001")}, adds=True))
    priced = flows(one.model, one.layout, one.env, one.quantities())
    assert priced.gross is not None
    second = replace(one.layout, lines=one.layout.lines[1:])
    again = flows(one.model, second, one.env, one.quantities(), among=Among(priced.gross, [1]))
    alone = flows(one.model, second, one.env, one.quantities())
    assert priced.quantum is not None
    assert again.quantum is not None
    assert alone.quantum is not None
    assert again.quantum.tolist() == priced.quantum.tolist()
    assert (alone.quantum < again.quantum).all()
    assert again.amount[:, :, 0].tolist() == priced.amount[:, :, 1].tolist()


def test_the_bound_on_rounding_by_hand() -> None:
    """One line entering, 3 years, a step of 2^-24 a cell; and 8 units in the last place of what is paid in a draw."""
    one = ledger()
    priced = flows(one.model, one.layout, one.env, one.quantities())
    paid = 100 * 6 * 3 / 4 * YEARS  # in a draw and strategy
    assert priced.quantum is not None
    step = float(priced.quantum[0])
    assert step == QUANTUM  # 1,024 < 1,350 < 2^28
    by_hand = YEARS * step + 8 * float(np.finfo(float).eps) * paid
    assert rounding(PAYER, priced, one.env, 1) == pytest.approx(by_hand, rel=1e-12)
    larger = replace(PAYER, factor=E("-x1"))
    assert rounding(larger, priced, one.env, 1) == pytest.approx(4 * by_hand, rel=1e-12)
    by_draw = np.array([1.0, 2.0, 3.0, 4.0]) * by_hand
    assert rounding_by_draw(larger, priced, one.env, 1) == pytest.approx(by_draw, rel=1e-12)
    outside = Perspective("none", label("n"), ("employer",))
    assert rounding(outside, priced, one.env, 1) == 0
    assert rounding(PAYER, replace(priced, quantum=None), one.env, 1) == pytest.approx(by_hand - YEARS * step, rel=1e-6)


def test_rows_are_those_of_an_item() -> None:
    refund = Flow("refund", "region", "state", label("r"), of="care", shares=(Share((E("1 / 2"),)),))
    one = ledger(refund, care())
    priced = flows(one.model, one.layout, one.env, one.quantities())
    assert [priced.rows(item) for item in ("care", "refund", "nothing")] == [[1], [0], []]
    assert priced.amount[:, :, 0] == pytest.approx(priced.amount[:, :, 1] / 2)


def test_a_negative_amount_is_refused_with_its_draw() -> None:
    one = ledger(care(amounts={"a": E("2.5 - x1")}))
    with pytest.raises(ModelError, match="is negative") as refused:
        flows(one.model, one.layout, one.env, one.quantities())
    assert refused.value.draw == 3
    assert refused.value.value == -1.5
    nothing = ledger(care(amounts={"a": E("x1 - 1")}))
    assert not flows(nothing.model, nothing.layout, nothing.env, nothing.quantities()).amount[0].any()
