"""Workers of a Dask cluster as the hands that work out parts; only this file knows Dask.

What all parts share is pickled once and travels as a task of its own, so that the scheduler can make it again when the
worker that holds it dies. A part whose worker dies is given to another one: what it gives depends on nothing but what
it is given, hence no bit changes. Each task compares the library of its worker with that of the caller, since workers
may come later than the check at the beginning.
"""

from __future__ import annotations

import pickle
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from costeff.errors import CosteffError, EngineError, MissingExtraError
from costeff.numerics.allocator import keep_freed_memory
from costeff.simulation.content import source_address
from costeff.simulation.inside import inside_a_part
from costeff.simulation.store import Arrays

LIBRARIES = ("costeff", "numba", "llvmlite", "numpy", "scipy")
"""What the numbers of a part depend on, besides Python's minor version."""
PATIENCE = 30.0
"""Seconds in which a scheduler answers, and in which it has a first worker."""
SHARED = 4  # what so many simulations share is kept unpickled by each worker


@cache
def machine_facts() -> dict[str, str]:
    """Versions that must be the same here and on every worker, by name.

    >>> sorted(machine_facts())
    ['Python', 'costeff', 'llvmlite', 'numba', 'numpy', 'scipy', 'source of costeff']
    """
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **{name: version(name) for name in LIBRARIES}, "source of costeff": source_address()[:12]}


def check_facts(worker: str, facts: Mapping[str, str], own: Mapping[str, str]) -> None:
    """Refuse a worker that would not give the same numbers. Raises EngineError that names it and what differs."""
    differing = [name for name in own if facts.get(name) != own[name]]
    if differing:
        named = [f"{name} {facts.get(name, 'missing')} there, {own[name]} here" for name in differing]
        raise EngineError(
            "a worker of the cluster has other versions, and might give other numbers",
            where=f"worker {worker}",
            value="; ".join(named),
            rule="the same costeff, Python, numba, llvmlite, NumPy and SciPy on every machine",
            way_out="install the same versions there (constraints.txt), start the worker again, and repeat the command",
        )


class Cluster:
    """A connection to a scheduler whose workers have been checked.

    Raises MissingExtraError without Dask, EngineError when the scheduler or its workers cannot be used.
    """

    def __init__(self, address: str) -> None:
        distributed = _distributed()
        self.address = address
        try:
            self.client = distributed.Client(address, timeout=PATIENCE, set_as_default=False, name="costeff")
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(
                "no scheduler answers",
                value=address,
                rule=f"the address of a Dask scheduler, such as tcp://10.0.0.5:8786 ({error})",
                way_out="start one (docs/cluster.md), correct the address, or leave out --scheduler",
            ) from error
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise EngineError(
                "the cluster has no workers",
                value=self.address,
                rule=f"at least one within {PATIENCE:g} seconds",
                way_out="start workers (docs/cluster.md), and repeat the command",
            ) from error
        own = machine_facts()
        for worker, facts in sorted(self.client.run(_facts_there()).items()):
            check_facts(worker, facts, own)

    @property
    def width(self) -> int:
        """Threads of all workers that are there now."""
        return max(1, sum(int(threads) for threads in self.client.nthreads().values()))

    def hands(self, work: Any, of_all: Any) -> Workers:
        """The workers, ready for the parts of one simulation."""
        return Workers(self, work, of_all)

    def close(self) -> None:
        """Leave the cluster as it is, without this client."""
        self.client.close()


class Workers:
    """The workers of a cluster at the parts of one simulation."""

    def __init__(self, cluster: Cluster, work: Any, of_all: Any) -> None:
        self.cluster, self.client, self.width = cluster, cluster.client, cluster.width
        self.own = machine_facts()
        content = pickle.dumps((work, of_all), protocol=5)
        self.of_all = self.client.submit(_carried, content, pure=False)
        # What ended parts gave is fetched in the background: asking for each by itself is two ways to the scheduler.
        self.ended = _distributed().as_completed(loop=self.client.loop, with_results=True, raise_errors=False)
        self.given: dict[Any, Any] = {}

    def submit(self, own: Any) -> Any:
        """Begin a part."""
        part = self.client.submit(_at_worker, self.of_all, own, self.own, pure=False)
        self.ended.add(part)
        return part

    def wait_any(self, futures: list[Any]) -> list[Any]:
        """Those of the futures that have ended, at least one."""
        batch = self.ended.next_batch()
        self.given.update(batch)
        return [future for future, _ in batch]

    def result(self, future: Any) -> Arrays:
        """What an ended part gave. Raises its error, and EngineError when workers or scheduler were lost."""
        given = self.given.pop(future)
        if isinstance(given, dict):
            return given
        error = given if isinstance(given, BaseException) else given[1]
        loss = _lost(error)
        if loss is None:
            raise error
        raise loss from error

    def give_up(self, futures: list[Any]) -> None:
        """Take back what has not ended."""
        if self.client.status == "running":
            self.client.cancel([*futures, self.of_all])


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError(
            "a cluster needs Dask, which is not installed",
            value="distributed",
            rule="it comes with the extra `cluster`",
            way_out="python -m pip install 'costeff[cluster]', here and on every worker",
        ) from error
    return distributed


def _facts_there() -> Any:
    """A function that tells a worker's versions; it travels by value, so that a worker without costeff can say so."""

    def facts() -> dict[str, str]:
        try:
            from costeff.simulation.cluster import machine_facts
        except ImportError:
            return {}
        return machine_facts()

    return facts


def _carried(content: bytes) -> bytes:
    """What all parts share, as a task: it is made again where it is lost."""
    return content


_shared: list[tuple[bytes, Any]] = []  # of one worker, the last few


def _at_worker(content: bytes, own: Any, facts: Mapping[str, str]) -> Arrays:
    """One part, at a worker."""
    keep_freed_memory()
    there = machine_facts()
    if there != facts:
        from distributed import get_worker

        check_facts(get_worker().address, there, facts)
    work, of_all = _unpickled(content)
    return inside_a_part(work, of_all, own)


def _unpickled(content: bytes) -> Any:
    """What all parts share, unpickled once for each of the last few simulations."""
    for earlier, pair in _shared:
        if earlier is content or earlier == content:
            return pair
    pair = pickle.loads(content)
    _shared[:] = [(content, pair), *_shared[: SHARED - 1]]
    return pair


def _lost(error: BaseException) -> CosteffError | None:
    """What to say of an error of Dask; None for another one."""
    name = type(error).__name__
    if name == "KilledWorker":
        return EngineError(
            "several workers died at the same part",
            value=str(error).split(" ")[0],
            rule="a part that kills every worker that tries it is not tried for ever",
            way_out="look at the workers' memory and logs; give each more memory or fewer threads; with --resume the "
            "same command goes on from the parts that ended",
        )
    if name in ("FutureCancelledError", "CommClosedError", "FuturesCancelledError"):
        return EngineError(
            "the scheduler was lost",
            value=str(error)[:100],
            rule="it must live as long as the run",
            way_out="start it again; with --resume the same command goes on from the parts that ended",
        )
    return None
