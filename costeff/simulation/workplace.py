"""Where simulations are worked out, and where their finished parts are kept.

Without a workplace a simulation runs in the threads of this process and keeps nothing. One workplace holds for the
whole process, threads included, for as long as its block lasts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.engine.events.microsim import thread_count
from costeff.errors import EngineError
from costeff.simulation.inside import is_inside
from costeff.simulation.store import Store

if TYPE_CHECKING:
    from costeff.simulation.cluster import Cluster


@dataclass(frozen=True)
class Workplace:
    """A store of finished parts, workers on other machines, both or neither."""

    store: Store | None = None
    cluster: Cluster | None = None

    @property
    def usual(self) -> bool:
        """Whether all is done in this process and nothing is kept."""
        return self.store is None and self.cluster is None

    def width(self, threads: int | None) -> int:
        """Parts that are worked out at once: the threads of the workers, or those of this process."""
        return self.cluster.width if self.cluster else thread_count(threads)


USUAL = Workplace()
_now: list[Workplace] = [USUAL]


def workplace_now() -> Workplace:
    """The workplace of the block that is being run; within a part, that of a thread alone."""
    return USUAL if is_inside() else _now[-1]


@contextmanager
def workplace(resume: str | os.PathLike[str] | None = None, scheduler: str | None = None) -> Iterator[Workplace]:
    """Within the block, simulations keep their finished parts, or are worked out by a cluster, or both.

    No number depends on it: the same bits come out as without it. It holds for every simulation of this process,
    in whatever thread; blocks do not stand within each other.

    Parameters
    ----------
    resume : str or path, optional
        Folder of finished parts. What it holds is not simulated again, and each part that ends is kept there, so that
        the same call goes on where it was stopped.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster, such as "tcp://10.0.0.5:8786". Its workers must have the same
        version of costeff, and of what its numbers depend on, as this process.

    Yields
    ------
    Workplace
        The store and the cluster.

    Raises
    ------
    ResultError
        When the folder cannot be written.
    MissingExtraError
        Without the extra `cluster`, for a scheduler.
    EngineError
        When there is no such scheduler, when it has no workers, when a worker has other versions, and for a block
        within another.

    Examples
    --------
    >>> import tempfile
    >>> from costeff import load, workplace
    >>> study = load("sick_sicker")
    >>> with workplace(resume=tempfile.mkdtemp()) as place:
    ...     result = study.psa(draws=300, engine="cohort", seed=1, progress=False)
    ...     place.store.kept > 0
    True
    """
    if len(_now) > 1:
        raise EngineError(
            "a workplace within a workplace", rule="one at a time", way_out="end the block of the other one first"
        )
    cluster = None
    store = None if resume is None else Store(resume)
    if scheduler is not None:
        from costeff.simulation.cluster import Cluster

        cluster = Cluster(scheduler)
    try:
        _now.append(Workplace(store, cluster))
        yield _now[-1]
    finally:
        _now[1:] = []
        if cluster is not None:
            cluster.close()
