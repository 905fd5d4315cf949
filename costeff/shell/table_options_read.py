"""A PSA table as a command was asked to read it: options as arguments of read_psa, errors in the shell's words."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costeff.analysis.apart import AT_ZERO, check_apart, check_wtp
from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.read_psa import read_psa
from costeff.analysis.tables.source import ENDINGS
from costeff.cea.stratified import whole_population
from costeff.documents.numerals import clear
from costeff.errors import CosteffError, ScenarioError

if TYPE_CHECKING:
    from costeff.cea.stratified import Subgroups

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
    "encoding": ("encoding", "--encoding"),
}
"""What a command was asked, by its key: the argument of read_psa, and the option as it is typed."""
OF_A_TABLE = {key: option for key, (_, option) in OPTIONS.items() if key != "effect"} | {
    "subgroup": "--subgroup",
    "shares": "--share",
}
"""Keys of options that mean nothing for a scenario; `--effect` names an effect of a scenario too."""
_IN_WORDS = {**dict(OPTIONS.values()), "subgroup": "--subgroup", "wtp": "--wtp"}
_ARGUMENT = re.compile(rf"\b({'|'.join(_IN_WORDS)})=")


def is_table(source: str) -> bool:
    """Whether a command's source is a table of draws rather than a scenario, by its ending.

    >>> is_table("psa.CSV"), is_table("tki2"), is_table("mine.yaml")
    (True, False, False)
    """
    return source.lower().endswith(ENDINGS)


def read_table(source: str, request: Mapping[str, Any]) -> EvaluationData:
    """The evaluation of a table under a command's options, of all people where it has subgroups.

    Raises ResultError with the options that help.
    """
    return read_groups(source, request)[0]


def read_groups(source: str, request: Mapping[str, Any]) -> tuple[EvaluationData, Subgroups]:
    """The evaluation of a table, and of each subgroup with its share of the people when `--subgroup` names them."""
    arguments = {argument: request[key] for key, (argument, _) in OPTIONS.items() if _given(request.get(key))}
    with in_the_shells_words():
        column = request.get("subgroup")
        if column is None:
            evaluation: EvaluationData = read_psa(source, **arguments)
        else:
            by_name = read_psa(source, subgroup=column, **arguments)
    if column is None:
        refuse_options(request, {"shares": "--share"}, "a table without --subgroup", "add --subgroup COLUMN")
        return evaluation, {}
    shares = _shares(request.get("shares") or (), list(by_name))
    groups = {name: (shares[name], one) for name, one in by_name.items()}
    whole = whole_population(groups)
    shares_text = ", ".join(f"{name} ({share:g})" for name, share in shares.items())
    return replace(
        whole, label="", attrs={**whole.attrs, "read_as": f"{whole.attrs['read_as']}; {column}: {shares_text}"}
    ), groups


def _shares(texts: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    """Shares of subgroups, typed as NAME=SHARE; one for each."""
    share_texts = dict(text.rpartition("=")[::2] for text in texts)
    absent = [name for name in names if name not in share_texts]
    unknown = [name for name in share_texts if name not in names]
    if absent or unknown:
        raise ScenarioError(
            "a subgroup has no share" if absent else "a share is given to no subgroup of the table",
            value=(absent or unknown)[0],
            rule=f"the share of the people in each of: {', '.join(names)}",
            way_out=" ".join(f"--share '{name}={1 / len(names):.2g}'" for name in names) + " (with the right shares)",
        )
    return {name: clear(share_texts[name], ScenarioError) for name in names}


@contextmanager
def in_the_shells_words() -> Iterator[None]:
    """Within it, errors and warnings name options in place of arguments."""
    try:
        with warnings.catch_warnings(record=True) as records:
            warnings.simplefilter("always")
            yield
    except CosteffError as error:
        error.what = in_shell(error.what) or ""
        error.rule, error.way_out = in_shell(error.rule), in_shell(error.way_out)
        raise
    for one in records:
        warnings.warn(in_shell(str(one.message)) or "", one.category, stacklevel=2)


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
    return _ARGUMENT.sub(
        lambda match: _IN_WORDS[match[1]] + (" " if re.match(r"['\"\w]", text[match.end() :]) else ""), text
    )


def _given(value: Any) -> bool:
    return value is not None and value != ()


def refuse_options(request: Mapping[str, Any], names: Mapping[str, str], kind: str, way_out: str) -> None:
    """Refuse options that would be left unused, rather than let them pass in silence; `names` by key."""
    for key, option in names.items():
        value = request.get(key)
        if _given(value) and value is not False:
            value_text = (
                ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value
            )
            raise ScenarioError(f"{option} does not go with {kind}", value=value_text, way_out=way_out)


def refuse_of_a_table(request: Mapping[str, Any]) -> None:
    """Refuse options about tables where a scenario is given."""
    refuse_options(request, OF_A_TABLE, "a scenario", "leave it out: the scenario says this itself")


def refuse_wtp(evaluation: EvaluationData, wtp: Sequence[float | None]) -> None:
    """Refuse a willingness to pay where a table has no effects that it could be paid for, in the shell's words."""
    with in_the_shells_words():
        check_wtp(evaluation, [value for value in wtp if value])


def refuse_apart(evaluation: EvaluationData, what: str, way_out: str = AT_ZERO) -> None:
    """Refuse what shows costs or effects where a table holds net benefits only, in the shell's words."""
    with in_the_shells_words():
        check_apart(evaluation, what, way_out)


def said_first(evaluation: EvaluationData, text: str) -> str:
    """A command's text below the line that says how the table was read."""
    return f"Read as {evaluation.attrs['read_as']}.\n\n{text}"
