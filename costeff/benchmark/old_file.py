"""Reads the ratios of an earlier benchmark, and refuses what cannot be held against this one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from costeff.benchmark import calibration
from costeff.benchmark.machine import machine, versions
from costeff.benchmark.ratios import FORM, NAMES, kind_of, size_of
from costeff.benchmark.verdict import Estimate
from costeff.errors import ResultError

_AGAIN = "measure the earlier version again {how}: `costeff benchmark --ratios --json FILE`"


def old_estimates(file: str, only: Sequence[str] = (), *, small: bool = False) -> dict[str, Estimate]:
    """The estimates of a file that `costeff benchmark --ratios --json` wrote, by workload.

    Raises ResultError for a file that is no such benchmark, that was measured with another loop or form, on another
    kind of machine, with other versions of what makes the code or at other sizes, or that lacks a workload of `only`.
    """
    results = _read(file)
    _check_loop(file, results)
    _check_machine(file, results)
    if results.get("small") is not small:
        raise ResultError(
            "the earlier benchmark has other sizes",
            where=file,
            value="small" if results.get("small") else "full",
            rule="workloads of one size are held against each other",
            way_out="leave --quick out" if small else "add --quick, or " + _AGAIN.format(how="without --quick"),
        )
    estimates = {name: _estimate(file, name, entry) for name, entry in results["ratios"].items() if name in NAMES}
    for name in estimates:
        if (size := results["ratios"][name].get("size")) != size_of(name, small=small):
            raise ResultError(
                f"workload {name} had another size in the earlier benchmark",
                where=f"{file}, ratios.{name}.size",
                value=size,
                rule=f"here it is {size_of(name, small=small)}",
                way_out=_AGAIN.format(how="with the workloads of this version") + ", or name others with --only",
            )
    if missing := [name for name in only if name in NAMES and name not in estimates]:
        raise ResultError(
            f"the earlier benchmark has no workload {missing[0]}",
            where=f"{file}, ratios",
            value=", ".join(estimates) or "none",
            rule="what --only names stands in both",
            way_out="leave it out of --only, or " + _AGAIN.format(how="with it"),
        )
    return estimates


def _read(file: str) -> Mapping[str, Any]:
    try:
        results = json.loads(Path(file).read_text("utf-8"))
    except ValueError as error:  # also what is not UTF-8
        results, reason = None, f"it is no JSON ({error})"
    else:
        reason = "it holds no ratios"
    if not isinstance(results, dict) or not isinstance(results.get("ratios"), dict):
        raise ResultError(
            "this is not a file of ratios",
            where=file,
            value=reason,
            rule="--against takes what `costeff benchmark --ratios --json FILE` wrote",
            way_out=_AGAIN.format(how="so"),
        )
    return results


def _check_loop(file: str, results: Mapping[str, Any]) -> None:
    for key, here, what in (("form", FORM, "form"), ("loop", calibration.LOOP, "calibration loop")):
        if results.get(key) != here:
            raise ResultError(
                f"the earlier benchmark has another {what}",
                where=f"{file}, {key}",
                value=results.get(key, "none"),
                rule=f"ratios to one {what} are held against each other; here it is {here}",
                way_out=_AGAIN.format(how=f"with this {what}, by this version's benchmark/ folder"),
            )


def _check_machine(file: str, results: Mapping[str, Any]) -> None:
    """The loop and the workloads each change with the processor and with what makes their code, not by one factor."""
    now = {"machine": machine(), "versions": versions()}
    for group, key in (
        ("machine", "processor"),
        ("machine", "system"),
        ("versions", "python"),
        ("versions", "numba"),
        ("versions", "llvmlite"),
        ("versions", "numpy"),
    ):
        before = results.get(group)
        value = before.get(key, "none") if isinstance(before, dict) else "none"
        if _kind(key, value) != _kind(key, now[group][key]):
            raise ResultError(
                f"the earlier benchmark was made with another {key}",
                where=f"{file}, {group}.{key}",
                value=value,
                rule=f"a ratio holds for one {key}; here it is {now[group][key]}",
                way_out=_AGAIN.format(how="here"),
            )


def _kind(key: str, value: object) -> str:
    """What of a version changes the speed of code: of Python its first two numbers, of others all."""
    return ".".join(str(value).split(".")[:2]) if key == "python" else str(value)


def _estimate(file: str, name: str, entry: Any) -> Estimate:
    values = entry.get("values") if isinstance(entry, dict) else None
    if not isinstance(values, list) or not values:
        values = [None]
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value <= 0:
            raise ResultError(
                f"workload {name} has a ratio that is no positive number",
                where=f"{file}, ratios.{name}.values",
                value=value if value is not None else "none",
                rule="the ratios of its rounds, each above 0",
                way_out=_AGAIN.format(how="so"),
            )
    return Estimate(tuple(float(value) for value in values), kind_of(name))
