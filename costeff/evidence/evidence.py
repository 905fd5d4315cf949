"""Evidence: all parameters of a model with their sources, and the draws made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from costeff.errors import EvidenceError, Place
from costeff.evidence.consistency import (
    correlation_problems,
    group_problems,
    index_problems,
    name_problems,
    source_problems,
)
from costeff.evidence.correlation import Correlation
from costeff.evidence.differences import differences
from costeff.evidence.distributions.joint import Group
from costeff.evidence.draw import check_request, replicated
from costeff.evidence.listing import parameter_table
from costeff.evidence.parameter import Parameter
from costeff.evidence.price_level import at_prices
from costeff.evidence.prices import PriceIndex
from costeff.evidence.setting import Changes, merged_sources, set_parameter, unknown_parameter
from costeff.evidence.source import Source
from costeff.evidence.tables import Table
from costeff.evidence.values import values_of
from costeff.labels import Label
from costeff.problems import raise_all, split

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


T = TypeVar("T", Parameter, Group, Table)


@dataclass(eq=False, init=False)
class Evidence:
    """Parameters, groups, correlations, sources, tables and a price index, checked together when made.

    Parameters, groups and tables may be given as lists, and are kept as dictionaries by name. Evidence is not
    changed: `at_prices` and `override` return another one.

    Parameters
    ----------
    parameters : sequence or mapping
        The parameters.
    groups : sequence or mapping
        Parameters that are drawn together.
    correlations : sequence
        Correlations between parameters.
    sources : mapping
        Sources by their keys.
    tables : sequence or mapping
        Tables of values, such as mortality by age.
    price_index : PriceIndex, optional
        By which money moves from year to year.
    title : str
        What the evidence is called.
    file : str
        Where it was read.
    dimensions : mapping
        Names of dimensions that tables may have.
    labels : mapping
        Labels of parameters and groups by name.

    Examples
    --------
    >>> from costeff.evidence import Beta
    >>> e = Evidence([Parameter("p", 0.25, "probability", Beta(2, 6), kind="assumption")])
    >>> e.base(), e.draw(4, seed=1)["p"].shape
    ({'p': 0.25}, (4,))
    """

    parameters: dict[str, Parameter]
    groups: dict[str, Group]
    correlations: tuple[Correlation, ...]
    sources: dict[str, Source]
    tables: dict[str, Table]
    price_index: PriceIndex | None
    title: str
    file: str
    dimensions: tuple[str, ...]
    """Order of the Sobol dimensions; kept by `override`, so a scenario shares its draws with the base."""
    labels: dict[str, Label]
    """English and Danish label of parameters and groups; a name without one is shown as it is."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter] | Sequence[Parameter],
        groups: Mapping[str, Group] | Sequence[Group] = (),
        correlations: Sequence[Correlation] = (),
        sources: Mapping[str, Source] | None = None,
        tables: Mapping[str, Table] | Sequence[Table] = (),
        price_index: PriceIndex | None = None,
        title: str = "",
        file: str = "",
        dimensions: tuple[str, ...] = (),
        labels: Mapping[str, Label] | None = None,
    ) -> None:
        problems: list[EvidenceError] = []
        self.parameters = _by_name(parameters, problems)
        self.groups = _by_name(groups, problems)
        self.tables = _by_name(tables, problems)
        self.correlations, self.sources = tuple(correlations), dict(sources or {})
        self.price_index, self.title, self.file = price_index, title, file
        self.labels = dict(labels or {})
        problems += (
            name_problems(self.parameters, self.tables)
            + source_problems(self.parameters, self.tables, self.sources)
            + group_problems(self.groups, self.parameters)
            + index_problems(self.parameters, self.price_index)
        )
        raise_all(problems, "evidence")
        raise_all(correlation_problems(self.correlations, self.parameters), "evidence")
        new = (name for name in self._addresses() if name not in set(dimensions))
        self.dimensions = (*dimensions, *new)

    def __repr__(self) -> str:
        uncertain = sum(not p.fixed for p in self.parameters.values())
        return (
            f"Evidence: {self.title or 'untitled'}, parameters: {len(self.parameters)} ({uncertain} uncertain), "
            f"groups: {len(self.groups)}, tables: {len(self.tables)}, sources: {len(self.sources)}"
        )

    # -- numbers ----

    def base(self) -> dict[str, float]:
        """The base-case value of every parameter.

        `value` as stated: the mean, or the MEDIAN where `centre` is median. Members of a group take the mean
        (or median) of the group's distribution instead of their stated value, so that shares sum to 1
        exactly.

        Returns
        -------
        dict
            Parameter name to its value, in its unit.

        Examples
        --------
        >>> from costeff.evidence import Evidence, Parameter
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
        >>> e.base()
        {'wait': 4.0}
        """
        return {name: p.spread.centre(p.centre) if p.group else float(p.value) for name, p in self.parameters.items()}

    def draw(self, n: int, seed: int, method: str = "random", replicates: int = 1) -> xr.Dataset:
        """Draw every parameter `n` times: a Dataset with one float64 variable per parameter over `draw`.

        `method` is random, latin_hypercube or sobol; `seed` 0 to 2^64 - 1. With random, the first draws of a
        longer run are those of a shorter one. `replicates` (Latin hypercube, Sobol): so many designs of equal
        size one after the other, each randomised by itself, from whose means an error can be told; the first
        is the one of that size alone. Variables carry `unit` and `kind`, the Dataset `method`, `seed` (text),
        `replicates` and `note`.

        Parameters
        ----------
        n : int
            Number of draws.
        seed : int
            Start of the random numbers.
        method : str
            How to draw: see above.
        replicates : int
            Equal designs of the draws, each randomised by itself.

        Returns
        -------
        xarray.Dataset
            One variable per parameter over (draw,), in its unit.

        Raises
        ------
        EvidenceError
            For a wrong request.

        Examples
        --------
        >>> from costeff.evidence import Uniform
        >>> e = Evidence([Parameter("x", 0.5, "share", Uniform(0, 1), kind="assumption")])
        >>> x = e.draw(4, seed=0, method="sobol")["x"].values
        >>> sorted((x * 4).astype(int).tolist())
        [0, 1, 2, 3]
        """
        import xarray as xr

        values = self.columns(n, seed, method, replicates)
        data = {name: ("draw", values[name], {"unit": p.unit, "kind": p.kind}) for name, p in self.parameters.items()}
        attrs: dict[str, Any] = {"method": method, "seed": str(int(seed)), "replicates": replicates}
        size = n // replicates
        if method == "sobol" and size & (size - 1):
            attrs["note"] = f"{size} Sobol draws: the points are balanced only when their number is a power of two"
        return xr.Dataset(data, coords={"draw": np.arange(n)}, attrs=attrs)

    def columns(self, n: int, seed: int, method: str = "random", replicates: int = 1) -> dict[str, np.ndarray]:
        """The same draws as `draw` gives, by name, each (n,): for whoever needs no Dataset, which takes time to load.

        Parameters
        ----------
        n : int
            Number of draws.
        seed : int
            Start of the random numbers.
        method : str
            How to draw: see `draw`.
        replicates : int
            Equal designs of the draws, each randomised by itself.

        Returns
        -------
        dict
            Parameter name to its values, in its unit.

        Raises
        ------
        EvidenceError
            For a wrong request.

        Examples
        --------
        >>> from costeff.evidence import Uniform
        >>> e = Evidence([Parameter("x", 0.5, "share", Uniform(0, 1), kind="assumption")])
        >>> bool((e.columns(4, 1)["x"] == e.draw(4, 1)["x"].values).all())
        True
        """
        check_request(n, seed, method)
        dimensions = self.dimensions if method == "sobol" else self._addresses()
        uniform_columns = replicated(dimensions, n, seed, method, replicates)
        values = values_of(self.parameters, self.groups, self.correlations, uniform_columns, n)
        return {name: values[name] for name in self.parameters}

    def _addresses(self) -> list[str]:
        """Names of the uniform columns in file order; a group stands where its first member does."""
        addresses: dict[str, None] = {}
        for name, parameter in self.parameters.items():
            if parameter.group:
                addresses.update(dict.fromkeys(self.groups[parameter.group].addresses))
            elif not parameter.fixed:
                addresses[name] = None
        return list(addresses)

    # -- other evidence ----

    def at_prices(self, year: int) -> Evidence:
        """All money in the prices of `year`: values, distributions and tables, multiplied by the named index.

        What was done stands in each `price_note`.

        Parameters
        ----------
        year : int
            Of the prices.

        Returns
        -------
        Evidence
            Another evidence; this one stays.

        Raises
        ------
        EvidenceError
            When money of another year has no index, when the index lacks a year, or when money in several
            currencies would be moved by the one index.

        Examples
        --------
        >>> from costeff.evidence import Evidence, Parameter
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
        >>> e.at_prices(2024).base()
        {'wait': 4.0}
        """
        moved = at_prices(self.parameters, self.groups, self.tables, self.price_index, year)
        parameters, groups, tables = moved
        return replace(self, parameters=parameters, groups=groups, tables=tables)

    def as_its_own(self) -> Evidence:
        """Evidence whose figures count as its file's own, whatever they were set in the place of.

        Returns
        -------
        Evidence
            Another evidence; this one stays.

        Examples
        --------
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")]).override({"wait": 6})
        >>> len(e.differences()), len(e.as_its_own().differences())
        (1, 0)
        """
        figures = {name: replace(p, replaces=None, set_by=None) for name, p in self.parameters.items()}
        return replace(self, parameters=figures)

    def override(
        self, changes: Mapping[str, Any] | Changes, place: Place | Mapping[str, Place] | None = None
    ) -> Evidence:
        """Evidence with some parameters replaced: by a number (then known), or by what a mapping says.

        A number is an assumption without a source, in the unit of the parameter it replaces and in the price year of
        the changes (that of the parameter where they state none). A mapping may name any of the keys of a parameter;
        the unit, and the family and centre of a spread, are the model's where it does not. Each new parameter
        `replaces` the model's. A replaced group member leaves the rest of its group drawn as before (shares then need
        not sum to 1; its note says so). Correlations of a parameter that became fixed are dropped.

        Parameters
        ----------
        changes : mapping or Changes
            Parameter name to a number or mapping; or `Changes`, which also say who sets them, and at which prices.
        place : Place or mapping, optional
            Where plain changes stand; `Changes` know it themselves.

        Returns
        -------
        Evidence
            Another evidence; this one stays.

        Raises
        ------
        EvidenceError
            For an unknown name (with the closest known ones) or a bad value; all problems come in one message.

        Examples
        --------
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
        >>> e.override({"wait": 6}).parameters["wait"].note
        'set here (a program); the model has 4 (assumption)'
        """
        change_set = changes if isinstance(changes, Changes) else Changes(changes, places=place)
        parameters, groups = dict(self.parameters), dict(self.groups)
        sources = merged_sources(self.sources, change_set.sources or {})
        problems: list[EvidenceError] = []
        for name, change in change_set.figures.items():
            old = self.parameters.get(name)
            if old is None:
                problems.append(unknown_parameter(name, self.parameters, change_set.place(name)))
                continue
            try:
                parameters[name] = set_parameter(old, change, change_set, self.sources)
            except EvidenceError as error:
                problems.extend(split(error))
                continue
            if old.group:
                groups[old.group] = groups[old.group].release(name)
        raise_all(problems, "evidence")
        pairs = [pair for pair in self.correlations if not any(parameters[name].fixed for name in pair.parameters)]
        return replace(self, parameters=parameters, groups=groups, correlations=tuple(pairs), sources=sources)

    # -- looking ------------------------------------------------------------

    def parameter_table(self) -> pd.DataFrame:
        """One row per parameter, in file order: name, value, unit, lo and hi (95 %, as drawn), declared_lo and
        declared_hi (as stated; NaN where no interval was), distribution, rule, kind, source titles and addresses, price
        year, and notes.

        Returns
        -------
        pandas.DataFrame
            One row per parameter.

        Examples
        --------
        >>> from costeff.evidence import Evidence, Parameter
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
        >>> e.parameter_table()[["name", "value", "unit"]].values.tolist()
        [['wait', 4.0, 'weeks']]
        """
        return parameter_table(self.parameters, self.groups, self.sources)

    def differences(self) -> pd.DataFrame:
        """What was set in the place of the model's figures: see `costeff.evidence.differences`.

        Returns
        -------
        pandas.DataFrame
            One row per parameter that was set.

        Examples
        --------
        >>> from costeff.evidence import Evidence, Parameter
        >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
        >>> len(e.differences()), len(e.override({"wait": 6}).differences())
        (0, 1)
        """
        return differences(self.parameters.values(), self.sources)


def _by_name(elements: Mapping[str, T] | Sequence[T], problems: list[EvidenceError]) -> dict[str, T]:
    if isinstance(elements, Mapping):
        return dict(elements)
    by_name: dict[str, T] = {}
    for one in elements:
        if one.name in by_name:
            problems.append(
                EvidenceError(
                    "a name stands twice", where=one.place, value=one.name, rule="names are unique", way_out="rename"
                )
            )
        by_name[one.name] = one
    return by_name
