"""A PSA table as a command was asked to read it: options as arguments of read_psa, errors in the shell's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from costeff.economics import Evaluation, read_psa
from costeff.economics.tables.source import ENDINGS
from costeff.errors import CosteffError, ScenarioError

OPTIONS = {
    "parameters_file": ("parameters", "--parameters-file"),
    "effects_file": ("effects", "--effects-file"),
    "cost": ("cost", "--cost"),
    "effect": ("effect", "--effect"),
    "net_benefit": ("net_benefit", "--net-benefit"),
    "columns": ("columns", "--map"),
    "ignore": ("ignore", "--ignore"),
    "strategies": ("strategies", "--strategies"),
    "comparator": ("comparator", "--comparator"),
    "effect_sign": ("effect_sign", "--effect-sign"),
    "effect_unit": ("effect_unit", "--effect-unit"),
    "currency": ("currency", "--currency"),
    "sheet": ("sheet", "--sheet"),
}
"""What a command was asked, by its key: the argument of read_psa, and the option as it is typed."""
OF_A_TABLE = tuple(key for key in OPTIONS if key != "effect")
"""Keys of options that mean nothing for a scenario; `--effect` names an effect of a scenario too."""
_ARGUMENT = re.compile(rf"\b({'|'.join(argument for argument, _ in OPTIONS.values())})=")


def is_table(source: str) -> bool:
    """Whether a command's source is a table of draws rather than a scenario, by its ending.

    >>> is_table("psa.CSV"), is_table("tki2"), is_table("mine.yaml")
    (True, False, False)
    """
    return source.lower().endswith(ENDINGS)


def read_table(source: str, asked: Mapping[str, Any]) -> Evaluation:
    """The evaluation of a table under a command's options. Raises ResultError with the options that help."""
    arguments = {argument: asked[key] for key, (argument, _) in OPTIONS.items() if _given(asked.get(key))}
    try:
        evaluation: Evaluation = read_psa(source, **arguments)
    except CosteffError as error:
        error.what = in_shell(error.what) or ""
        error.rule, error.way_out = in_shell(error.rule), in_shell(error.way_out)
        raise
    return evaluation


def in_shell(text: str | None) -> str | None:
    """A text that speaks of arguments of read_psa, with the options of a command in their place.

    >>> in_shell("name the column in ignore=, or cost='c.*'")
    "name the column in --ignore, or --cost 'c.*'"
    >>> in_shell("rename it: columns={'sim': 'draw'}")
    "rename it: --map 'sim=draw'"
    """
    if text is None:
        return None
    text = re.sub(r"columns=\{'([^']*)': '([^']*)'\}", r"--map '\1=\2'", text)
    options = dict(OPTIONS.values())
    return _ARGUMENT.sub(
        lambda match: options[match[1]] + (" " if text[match.end() : match.end() + 1] in ("'", '"') else ""),
        text,
    )


def _given(value: Any) -> bool:
    return value is not None and value != ()


def refuse_options(asked: Mapping[str, Any], names: Mapping[str, str], kind: str, way_out: str) -> None:
    """Refuse options that would be left unused, rather than let them pass in silence; `names` by key."""
    for key, option in names.items():
        value = asked.get(key)
        if _given(value) and value is not False:
            shown = (
                ", ".join(map(str, value))
                if isinstance(value, Sequence) and not isinstance(value, str)
                else value
            )
            raise ScenarioError(f"{option} does not go with {kind}", value=shown, way_out=way_out)


def refuse_of_a_table(asked: Mapping[str, Any]) -> None:
    """Refuse options about tables where a scenario is given."""
    names = {key: OPTIONS[key][1] for key in OF_A_TABLE}
    refuse_options(asked, names, "a scenario", "leave it out: the scenario says this itself")


def refuse_wtp(evaluation: Evaluation, wtp: Sequence[float | None]) -> None:
    """Refuse a willingness to pay where a table has no effects that it could be paid for."""
    results = evaluation.attrs.get("results")
    asked = [value for value in wtp if value]
    if results in ("costs only", "net benefits only") and asked:
        net = results == "net benefits only"
        raise ScenarioError(
            f"the table holds {results}, so there is no effect to pay for", value=f"--wtp {asked[0]:g}",
            rule="net benefits are what they are at the willingness to pay with which they were made"
            if net else "without effects, net benefit is the saving of cost at every willingness to pay",
            way_out="give --wtp 0" if net else "give --wtp 0, or the effects: --effect, --effects-file",
        )  # fmt: skip


def said_first(evaluation: Evaluation, text: str) -> str:
    """A command's text below the line that says how the table was read."""
    return f"Read as {evaluation.attrs['read_as']}.\n\n{text}"
