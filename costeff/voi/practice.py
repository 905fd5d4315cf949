"""Value of implementation as the command asks for it: read from its option, worked out, and printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from costeff.analysis.study import StudyData
from costeff.documents.numerals import clear
from costeff.errors import ScenarioError
from costeff.reporting.terminal import by_error
from costeff.voi.implementation import implementation

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Kind = TypeVar("Kind", bound=StudyData)
FIDELITY = "relative_fidelity"
"""Parameter that says how fully a programme is delivered, relative to the trials."""
KEYS = {
    "uptake": None,
    "then": 1.0,
    "mix": None,
    "otherwise": None,
    "delay": 0.0,
    "cost": 0.0,
    "fidelity": 1.0,
    "fidelity_then": None,
    "delivered": None,
}
"""What `--implementation` may say, and its defaults."""


def read_practice(text: str) -> dict[str, Any]:
    """The parts of "uptake=0.1,then=0.6,delay=2,fidelity=0.7,cost=500000". Raises ScenarioError.

    Shares of people as `mix=usual_care:0.8+tki2:0.2`; `delivered=planned:today` says that who gets the strategy
    `planned` gets it as the strategy `today` of the model for now.

    >>> read_practice("uptake=0.1, then=0.6")["then"], read_practice("mix=a:0.75+b:0.25")["mix"]
    (0.6, {'a': 0.75, 'b': 0.25})
    """
    practice: dict[str, Any] = dict(KEYS)
    for part in text.split(","):
        key, separator, value = (piece.strip() for piece in part.partition("="))
        try:
            if key not in KEYS or not separator:
                raise ValueError
        except ValueError as error:
            comma = " (decimals take a point here)" if part.strip().isdigit() else ""
            raise ScenarioError(
                "a part of the implementation is not understood",
                value=part.strip(),
                rule=f"key=number, separated by commas; keys: {', '.join(KEYS)}",
                way_out=f"write for example uptake=0.1,then=0.6,delay=2,cost=500000{comma}",
            ) from error
        if key == "mix":
            practice[key] = _read_mix(value)
        elif key == "delivered":
            name, _, today = (each.strip() for each in value.partition(":"))
            practice[key] = {name: today}
        else:
            practice[key] = value if key == "otherwise" else clear(value, ScenarioError)
    if practice["uptake"] is None and practice["mix"] is None:
        raise ScenarioError(
            "the uptake of today is missing",
            value=text,
            way_out="write uptake=SHARE, such as uptake=0.1, or what share gets each strategy, as mix=a:0.9+b:0.1",
        )
    return practice


def _read_mix(text: str) -> dict[str, float]:
    """Strategy to share of people, of "usual_care:0.8+tki2:0.2". Raises ScenarioError."""
    shares: dict[str, float] = {}
    for part in text.split("+"):
        name, separator, share = (piece.strip() for piece in part.partition(":"))
        if not separator or not name or name in shares:
            raise ScenarioError(
                "the mix of strategies is not understood",
                value=text,
                rule="STRATEGY:SHARE, joined by +, each strategy once",
                way_out="write for example mix=usual_care:0.8+tki2:0.2",
            )
        shares[name] = clear(share, ScenarioError)
    return shares


def at_fidelity(study: Kind, fidelity: float) -> Kind:
    """The study with its programme delivered at a fidelity; ScenarioError when the model has no such parameter."""
    if FIDELITY not in study.evidence.base():
        raise ScenarioError(
            "the model does not say what fidelity does",
            value=fidelity,
            rule=f"a parameter '{FIDELITY}'",
            way_out="leave fidelity out, or give the model such a parameter",
        )
    # A fidelity that is asked for by its name is meant, however low.
    changes = {FIDELITY: {"value": fidelity, "meant": True}}
    return replace(study, evidence=study.evidence.override(changes))


def delivered_today(evaluation: EvaluationData, today: Mapping[str, str]) -> EvaluationData:
    """The evaluation in which each strategy of `today` gives and costs what the one that it names does.

    >>> from costeff import Evaluation
    >>> three = Evaluation("payer", "qaly", ("usual", "now", "plan"), "usual",
    ...                    cost=[[0.0, 5.0, 9.0]] * 2, effect=[[0.0, 1.0, 3.0]] * 2)
    >>> delivered_today(three, {"plan": "now"}).cost[0].tolist()
    [0.0, 5.0, 5.0]
    """
    names = list(evaluation.strategies)
    for name in (*today, *today.values()):
        if name not in names:
            raise ScenarioError(
                "delivered: no such strategy",
                value=name,
                rule=f"strategies: {', '.join(names)}",
                way_out="write delivered=PLANNED:TODAY with two of them",
            )
    order = [names.index(today.get(name, name)) for name in names]
    arrays = {key: getattr(evaluation, key) for key in ("cost", "effect", "cost_half", "effect_half")}
    return replace(evaluation, **{key: array[..., order] for key, array in arrays.items() if array is not None})


def practice_value(
    evaluation: EvaluationData,
    wtp: Sequence[float],
    practice: Mapping[str, Any],
    evaluation_at: Callable[[float], EvaluationData],
    people: Mapping[str, Any],
) -> xr.Dataset:
    """The four-way table under what read_practice returns; `evaluation_at` gives the evaluation at a fidelity."""
    now, then = practice["fidelity"], practice["fidelity_then"]
    then = now if then is None else then
    other = {f: evaluation if f == 1 else evaluation_at(f) for f in {now, then}}
    if practice["delivered"]:
        other = {f: delivered_today(one, practice["delivered"]) for f, one in other.items()}
    table = implementation(
        evaluation,
        list(wtp),
        uptake=practice["uptake"],
        uptake_then=practice["then"],
        mix=practice["mix"],
        otherwise=practice["otherwise"],
        delivered=other[now],
        delivered_then=other[then],
        delay=practice["delay"],
        cost=practice["cost"],
        **people,
    )
    table.attrs |= {"fidelity": now, "fidelity_then": then}
    if practice["delivered"]:
        table.attrs["delivered"] = ", ".join(f"{name} as {today}" for name, today in practice["delivered"].items())
    return table


def printed_practice(table: xr.Dataset) -> str:
    """The four-way table for each willingness to pay."""
    about = table.attrs
    rest = f"are divided by today's mix, {about['mix']}" if "mix" in about else f"get {about['otherwise']}"
    parts = [
        f"Value of implementation per decision, {about['currency']}: uptake {about['uptake']:g} now, "
        f"{about['uptake_then']:g} with the effort to spread it after {about['delay']:g} years, 1 if perfect; fidelity "
        f"{about['fidelity']:g}, {about['fidelity_then']:g}, 1; the rest {rest}"
        + (f"; delivered today: {about['delivered']}" if "delivered" in about else "")
    ]
    columns = ["value", "value_mcse", "of_implementation", "of_information", "of_both"]
    for value in table["wtp"].values.tolist():
        rows = table[columns].sel(wtp=value, drop=True).to_dataframe()
        text = rows.reset_index().to_string(index=False, float_format=lambda x: f"{x:,.0f}")
        parts.append(f"At {value:,.10g} per {about['effect_unit']}\n{text}\n{_said_of_perfect(table.sel(wtp=value))}")
        if "population_specific_net" in table:
            now, perfect_value = table["population_specific_net"].sel(wtp=value).values.tolist()
            parts[-1] += (
                f"\nThe effort to spread it for the population, less its cost {about['cost']:,.10g}: {now:,.0f} with "
                f"what is known now, {perfect_value:,.0f} with perfect information"
            )
    return "\n\n".join(parts)


def _said_of_perfect(here: xr.Dataset) -> str:
    """What perfect implementation gains, and from what; and the other number, the gain from planned delivery."""
    perfect = {"information": "current", "implementation": "perfect"}
    gain, error = (float(here[name].sel(perfect)) for name in ("of_implementation", "of_implementation_mcse"))
    best, from_what = str(here["preferred"].values), str(here["gain_from"].values)
    delivery = " as delivered today" if str(here["preferred_delivery"].values) == "today" else ""
    gain_words = {
        "stopping": f"the gain from stopping all but {best}, which is best",
        "implementing": f"the gain from giving everybody {best}{delivery}",
        "nothing": f"everybody has {best}{delivery} already, which is best",
    }[from_what]
    as_planned, as_planned_error = float(here["as_planned"]), float(here["as_planned_mcse"])
    return (
        f"Perfect implementation with what is known now: {by_error(gain, error, 0)} ({gain_words})\n"
        f"Delivering as planned what is in use today, by the same shares: {by_error(as_planned, as_planned_error, 0)} "
        "(another number; it may be below 0)"
    )
