"""A made-up Content for tests of the presentation: invented people, parties and amounts, shaped like a real study.

No figure here is evidence: costs and effects are drawn from a seeded generator around round numbers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from costeff import Evaluation
from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.noise import noise
from costeff.labels import Label, worded
from costeff.model.practice_today import PracticeToday
from costeff.sensitivity.tornado import tornado_table
from costeff.study.report.content import Content, PerspectiveView

STATES = {
    "sick_employer": ("Sick, employer-paid weeks", "Syg, arbejdsgiverperiode"),
    "sick_full": ("Sickness benefit, full", "Sygedagpenge, fuldt sygemeldt"),
    "sick_partial": ("Sickness benefit, graded return", "Sygedagpenge, delvist raskmeldt"),
    "sick_unemployed": ("Sickness benefit, from unemployment", "Sygedagpenge, fra ledighed"),
    "job_clarification": ("Job clarification", "Jobafklaringsforløb"),
    "resource_course": ("Resource course", "Ressourceforløb"),
    "unemployed": ("Unemployment benefit", "Dagpenge"),
    "social_assistance": ("Social assistance", "Kontanthjælp"),
    "flex_job": ("Flex job", "Fleksjob"),
    "disability_pension": ("Disability pension", "Førtidspension"),
    "work": ("Work or self-support", "Arbejde eller selvforsørgelse"),
    "retired": ("Retired", "Folkepension"),
    "dead": ("Dead", "Død"),
}
PARTIES = {
    "mso": ("Health and Care (MSO)", "Sundhed og Omsorg (MSO)", True, 5_000.0),
    "msb": ("Social Affairs and Employment (MSB)", "Sociale Forhold og Beskæftigelse (MSB)", True, -2_400.0),
    "treasury": ("Municipal tax account", "Kommunens skattekonto", True, -900.0),
    "other_municipalities": ("Other municipalities (equalisation)", "Andre kommuner (udligning)", True, -300.0),
    "state": ("State", "Staten", True, -3_100.0),
    "region": ("Region", "Regionen", True, -150.0),
    "employer": ("Employer", "Arbejdsgiver", True, -1_900.0),
    "citizen": ("Citizen", "Borger", True, -1_250.0),
    "resources": ("Real resources used", "Reelt ressourceforbrug", False, -4_500.0),
    "production": ("Production", "Produktion", False, 9_500.0),
}
PERSPECTIVES = {
    "municipal": ("Municipality, without tax", "Kommunen, uden skat", 2_600, 90_000),
    "public": ("Public sector", "Det offentlige", -1_850, 310_000),
    "societal": ("Society, factor prices, human capital", "Samfundet, faktorpriser, human kapital", -5_000, -400_000),
}
CYCLES_PER_YEAR, YEARS = 52, 5
ALTERNATIVES = {"tki2": ("TKI2", "TKI2", 1.0), "other": ("Other programme", "Andet program", 0.4)}


def evaluation(
    perspective: str = "municipal",
    *,
    cost: float = 2_600.0,
    effect: float = 0.02,
    base_cost: float = 90_000.0,
    base_effect: float = 3.1,
    spread: tuple[float, float] = (2_000.0, 0.02),
    draws: int = 200,
    alternatives: int = 1,
    halves: bool = True,
    effect_sign: int = 1,
    effect_unit: str = "QALY",
    seed: int = 1,
) -> Evaluation:
    """One perspective's results around the increments given; several alternatives get a part of them each."""
    rng = np.random.default_rng(seed)
    names = ("usual_care", *list(ALTERNATIVES)[:alternatives])
    parts = np.array([0.0, *(ALTERNATIVES[name][2] for name in names[1:])])
    wholes = []
    for base, step, width in ((base_cost, cost, spread[0]), (base_effect, effect, spread[1])):
        common = base + 0.02 * abs(base) * rng.standard_normal((draws, 1, 1))
        moved = step * parts + width * (parts > 0) * rng.standard_normal((draws, 1, 1))
        luck = 0.8 * width * (parts > 0) * rng.standard_normal((draws, 2, len(names)))
        wholes.append(common + moved + luck)
    cost_half, effect_half = wholes
    return Evaluation(
        perspective,
        "qaly",
        names,
        "usual_care",
        cost_half.mean(axis=1),
        effect_half.mean(axis=1),
        cost_half if halves else None,
        effect_half if halves else None,
        effect_unit=effect_unit,
        price_year=2024,
        effect_sign=effect_sign,
        simulated=True,
        currency="DKK",
    )


def _spread(values: np.ndarray) -> dict[str, float]:
    lo, hi = interval(values)
    return {
        "increment": float(values.mean()),
        "mcse": float(monte_carlo_error(values)),
        "lo": float(lo),
        "hi": float(hi),
    }


def _by_year(base: float, step: float, names: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for s, name in enumerate(names):
        for year in range(1, YEARS + 1):
            added = 0.0 if s == 0 else (5_000 * (year == 1) + (step - 5_000) * 0.3 * 0.7 ** (year - 1))
            cost = base / YEARS * 1.4 * 0.85 ** (year - 1) + added
            rows.append(
                {
                    "strategy": name,
                    "year": year,
                    "cost": cost,
                    "mcse": 0.5,
                    "increment": added,
                    "increment_mcse": 0.5 * (s > 0),
                }
            )
    return pd.DataFrame(rows)


def _trace(names: tuple[str, ...]) -> xr.DataArray:
    """Each state's share follows a smooth curve of its own, and shares sum to 1."""
    weeks = np.arange(CYCLES_PER_YEAR * YEARS + 1)
    weights = np.ones((len(names), len(STATES), len(weeks))) * 1e-3
    order = list(STATES)
    for s in range(len(names)):
        quick = 1.0 if s == 0 else 1.25
        weights[s, order.index("sick_full")] = np.exp(-weeks * quick / 30)
        weights[s, order.index("work")] = 1.3 * (1 - np.exp(-weeks * quick / 40))
        for k, state in enumerate(order):
            if state not in ("sick_full", "work"):
                weights[s, k] += 0.02 * (k + 1) * weeks / (weeks + 30 * (k + 1)) / quick
    weights[:, :, 0] = 0.0
    weights[:, order.index("sick_full"), 0] = 1.0
    shares = weights / weights.sum(axis=1, keepdims=True)
    coords = {"strategy": list(names), "state": order, "cycle": weeks}
    return xr.DataArray(shares, dims=("strategy", "state", "cycle"), coords=coords)


def _passages(names: tuple[str, ...]) -> tuple[xr.DataArray, pd.DataFrame]:
    weeks = np.arange(CYCLES_PER_YEAR * YEARS + 1)
    speeds = {"return_to_work": 60.0, "self_support": 52.0, "clarified": 400.0}
    shares = np.array(
        [[0.9 * (1 - np.exp(-weeks * (1 + 0.2 * s) / scale)) for s in range(len(names))] for scale in speeds.values()]
    )
    coords = {"passage": list(speeds), "strategy": list(names), "cycle": weeks}
    array = xr.DataArray(shares, dims=("passage", "strategy", "cycle"), coords=coords)
    rows = []
    for p, passage in enumerate(speeds):
        for s, name in enumerate(names):
            reached = np.flatnonzero(shares[p, s] >= 0.5)
            median = float(weeks[reached[0]]) if len(reached) else np.nan
            share = float(shares[p, s, CYCLES_PER_YEAR])
            row = {"passage": passage, "strategy": name, "median": median, "share_within_year": share, "stay": 4}
            rows.append(row)
    return array, pd.DataFrame(rows)


def _parameters() -> pd.DataFrame:
    kinds = ("published", "derived", "calibrated", "assumption")
    return pd.DataFrame(
        [
            {
                "name": f"invented_parameter_{i}",
                "value": 0.5 + i,
                "unit": "ratio" if i % 2 else "DKK per week",
                "lo": 0.4 + i,
                "hi": 0.7 + i,
                "centre": "mean",
                "distribution": "gamma",
                "rule": "",
                "kind": kinds[i % 4],
                "source": "" if i % 4 == 3 else f"Invented source {i}; Another",
                "address": "" if i % 4 == 3 else f"https://example.org/{i}; javascript:alert(1)",
                "price_year": pd.NA if i % 2 else 2024,
                "note": "made up for a test" if i % 3 == 0 else "",
            }
            for i in range(24)
        ]
    ).astype({"price_year": "Int64"})


def _tornado(names: tuple[str, ...]) -> tuple[pd.DataFrame, dict[str, float]]:
    """Of the second alternative the last three parameters change nothing."""
    tables, bases = [], {name: -2_600.0 * ALTERNATIVES[name][2] for name in names[1:]}
    for s, (name, base) in enumerate(bases.items()):
        moves = [0.0 if s and i > 14 else 1 / (i + 1) for i in range(18)]
        low = {f"invented_parameter_{i}": (0.4 + i, base - 4_000 * moves[i]) for i in range(18)}
        high = {f"invented_parameter_{i}": (0.7 + i, base + 5_000 * moves[i]) for i in range(18)}
        tables.append(tornado_table(base, low, high).assign(strategy=name))
    return pd.concat(tables, ignore_index=True), bases


def _noise(views: list[PerspectiveView]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "perspective": view.name,
                "quantity": str(row["quantity"]).removeprefix("incremental_"),
                "total_sd": row["total_variance"] ** 0.5,
                "noise_sd": row["noise_variance"] ** 0.5,
                "share": row["share"],
            }
            for view in views
            for row in noise(view.evaluation).to_dict("records")
        ]
    )


def _diagram() -> dict[str, object]:
    names = list(STATES)
    pairs = [(name, "dead", 1) for name in names[:-1]]
    pairs += [
        ("sick_employer", "sick_full", 1),
        ("sick_full", "sick_partial", 1),
        ("sick_partial", "sick_full", 1),
        ("sick_full", "work", 2),
        ("sick_partial", "work", 1),
        ("work", "sick_employer", 1),
        ("sick_employer", "work", 1),
        ("sick_unemployed", "unemployed", 2),
        ("unemployed", "work", 1),
        ("work", "unemployed", 1),
        ("sick_full", "job_clarification", 1),
        ("job_clarification", "resource_course", 1),
        ("job_clarification", "flex_job", 1),
        ("resource_course", "disability_pension", 1),
        ("unemployed", "social_assistance", 1),
        ("social_assistance", "work", 1),
        ("work", "retired", 1),
        ("unemployed", "sick_unemployed", 1),
    ]
    return {"states": names, "edges": pairs}


def _delivery() -> pd.DataFrame:
    """Two stages of a programme, the second reached by fewer."""
    return pd.DataFrame(
        [
            {
                "strategy": "tki2",
                "stage": name,
                "label": Label(*words),
                "share": share,
                "share_mcse": 0.004,
                "programme": 3000 / share,
                "programme_mcse": 40.0,
                "net_cost": -1200 / share,
                "net_cost_mcse": 300.0,
            }
            for name, words, share in (
                ("meeting", ("First meeting", "Første møde"), 0.6),
                ("plan", ("Joint plan", "Fælles plan"), 0.2),
            )
        ]
    )


def _practice() -> pd.DataFrame:
    row = {"wtp": 0.0, "preferred": "usual_care", "gain_from": "stopping", "perfect": 120.0, "perfect_mcse": 8.0}
    return pd.DataFrame([row | {"as_planned": -40.0, "as_planned_mcse": 3.0}])


def example_content(
    *, alternatives: int = 1, draws: int = 200, halves: bool = True, wtp_at: float | None = None
) -> Content:
    """A whole Content; with two alternatives parties, items and effects have a column `strategy`."""
    names = ("usual_care", *list(ALTERNATIVES)[:alternatives])
    settings = {"draws": draws, "alternatives": alternatives, "halves": halves}
    views = [
        PerspectiveView(
            name,
            Label(en, da),
            evaluation(name, cost=step, base_cost=base, seed=1, **settings),  # type: ignore[arg-type]
            Label("An item filter, in words.", "Et postfilter i ord.") if name == "societal" else Label("", ""),
            _by_year(base, step, names),
        )
        for name, (en, da, step, base) in PERSPECTIVES.items()
    ]
    rng = np.random.default_rng(2)
    parties, items, effects = [], [], []
    for name in names[1:]:
        part = ALTERNATIVES[name][2]
        more = {"strategy": name} if alternatives > 1 else {}

        def money(step: float, base: float, part: float = part) -> dict[str, float]:
            over = step * part + 0.5 * abs(step) * rng.standard_normal(draws)
            costs = {other: base + step * ALTERNATIVES[other][2] for other in names[1:]}
            return {"usual_care": base, **costs, **_spread(over)}

        for party, (en, da, inside, step) in PARTIES.items():
            own = 5_200.0 * part if party == "mso" else -5_200.0 * part if party == "resources" else 0.0
            parties.append(
                {
                    "party": party,
                    "label": Label(en, da),
                    "inside": inside,
                    **money(step, 50_000),
                    "programme": own,
                    **more,
                }
            )
        for item, en, da, payer, recipient, step in (
            ("programme", "The programme", "Programmet", "mso", "resources", 5_200.0),
            ("benefit", "Sickness benefit to citizens", "Sygedagpenge til borgere", "msb", "citizen", -4_100.0),
            ("refund", "State refund", "Statsrefusion", "state", "msb", -1_700.0),
            ("production", "Production", "Produktion", "production", "employer", 9_500.0),
        ):
            items.append(
                {
                    "item": item,
                    "label": Label(en, da),
                    "payer": payer,
                    "recipient": recipient,
                    **money(step, 30_000),
                    "programme": item == "programme",
                    **more,
                }
            )
        for effect, en, da, unit, better, usual, step in (
            ("qaly", "Quality-adjusted life years", "Kvalitetsjusterede leveår", "QALY", "more", 3.1, 0.02),
            ("weeks_sick", "Weeks on sickness benefit", "Uger på sygedagpenge", "weeks", "fewer", 41.0, -2.5),
            ("returned", "Returned within 52 weeks", "Tilbage inden 52 uger", "share", "more", 0.52, 0.04),
        ):
            effects.append(
                {
                    "effect": effect,
                    "label": Label(en, da),
                    "unit": unit,
                    "better": better,
                    **money(step, usual),
                    "discounted": effect == "qaly",
                    **more,
                }
            )
    passages, medians = _passages(names)
    table, bases = _tornado(names)
    strategies = {"usual_care": Label("Usual care", "Vanlig indsats")}
    strategies |= {name: Label(*ALTERNATIVES[name][:2]) for name in names[1:]}
    return Content(
        title=Label("An invented programme", "Et opdigtet program"),
        scenario="example",
        model="example",
        strategies=strategies,
        comparator="usual_care",
        states={name: Label(*text) for name, text in STATES.items()},
        cycles_per_year=CYCLES_PER_YEAR,
        currency="DKK",
        price_year=2024,
        wtp=np.linspace(0, 1_000_000, 51),
        wtp_at=wtp_at,
        effect_label=Label("Quality-adjusted life years", "Kvalitetsjusterede leveår"),
        effect_unit="QALY",
        parties=pd.DataFrame(parties),
        items=pd.DataFrame(items),
        perspectives=views,
        effects=pd.DataFrame(effects),
        trace=_trace(names),
        passages=passages,
        medians=medians,
        passage_labels={
            "return_to_work": Label("Return to work", "Tilbage i arbejde"),
            "self_support": Label("Self-support", "Selvforsørgelse"),
            "clarified": Label("Clarified", "Afklaret"),
        },
        tornado=table,
        tornado_base=bases,
        tornado_measure=Label("Net cost, DKK per citizen", "Nettoomkostning, kr. pr. borger"),
        noise=_noise(views) if halves else pd.DataFrame(),
        implied=pd.DataFrame(
            [
                {
                    "measure": Label("Ratio of return rates", "Forhold mellem rater for tilbagevenden"),
                    "strategy": "tki2",
                    "value": 1.1234,
                    "lo": 0.91,
                    "hi": 1.38,
                }
            ]
        ),
        delivery=_delivery(),
        practice=_practice(),
        practice_today=PracticeToday(
            {"usual_care": 0.9, "tki2": 0.1}, {"tki2": "usual_care"}, Label("a note", "en note")
        ),
        parameters=_parameters(),
        diagram=_diagram(),
        description="An invented model\n=================\n\nStates: 13.",
        conventions=[(Label("Cycle", "Cyklus"), "week"), (Label("Discounting", "Diskontering"), "whole_year, 3.5 %")],
        provenance=[(worded("made_seed"), "1"), (worded("made_draws"), str(draws))],
        notes=[Label("Everything here is invented.", "Alt her er opdigtet.")],
    )


def repeated(label: Label, times: int) -> pd.Series[Any]:
    """A column that holds the same label throughout."""
    return pd.Series([label] * times, dtype=object)


def with_label(content: Content, text: str) -> Content:
    """The same content with `text` wherever a reader's label, name or note can come from a file."""
    label = Label(text, text)
    views = [replace(view, label=label, note=label) for view in content.perspectives]
    frames = {
        name: getattr(content, name).assign(label=[label] * len(getattr(content, name)))
        for name in ("parties", "items", "effects")
    }
    parameters = content.parameters.assign(note=text, source=text, address=text, unit=text, name=text)
    return replace(
        content,
        title=label,
        scenario=text,
        model=text,
        perspectives=views,
        effect_label=label,
        strategies=dict.fromkeys(content.strategies, label),
        states=dict.fromkeys(content.states, label),
        passage_labels=dict.fromkeys(content.passage_labels, label),
        tornado=content.tornado.assign(name=text),
        tornado_measure=label,
        implied=content.implied.assign(measure=repeated(label, len(content.implied))),
        practice_today=replace(content.practice_today, note=label),
        delivery=content.delivery.assign(label=repeated(label, len(content.delivery))),
        parameters=parameters,
        description=text,
        conventions=[(label, text)],
        provenance=[(label, text)],
        notes=[label],
        **frames,
    )
