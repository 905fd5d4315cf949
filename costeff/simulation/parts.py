"""Parts of a simulation: where each is worked out, in which order they come back, and which are known already.

A part is some draws, whatever the machine: its limits do not depend on how many threads, workers or machines there
are, so that a run that goes on elsewhere finds what was kept. What a part gives are arrays; a function of a module
(`Work`) makes them from what all parts share and from what is the part's own. So a part can be sent to another
process, and is the same there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

from costeff.engine.events.microsim import thread_count
from costeff.simulation.content import address_of, library_address
from costeff.simulation.inside import Work, inside_a_part
from costeff.simulation.store import Arrays
from costeff.simulation.workplace import Workplace, workplace_now

PEOPLE = (
    2**17
)  # individuals of a part: half a second of one thread for TKI2, of which pricing it costs 30 ms, a task 10
FEWEST, MOST = 8, 512  # draws of a part
AHEAD = 3  # parts that are under way or wait to be used, for each thread or worker


def part_size(individuals: int) -> int:
    """Draws of a part; it depends on nothing but the individuals of a draw.

    >>> part_size(200), part_size(1000), part_size(100_000), part_size(1)
    (512, 131, 8, 512)
    """
    return max(FEWEST, min(MOST, PEOPLE // individuals))


class Hands(Protocol):
    """Who works the parts out: threads here, or the workers of a cluster."""

    width: int

    def submit(self, own: Any) -> Any: ...

    def wait_any(self, futures: list[Any]) -> list[Any]: ...

    def result(self, future: Any) -> Arrays: ...

    def give_up(self, futures: list[Any]) -> None: ...


class Threads:
    """Threads of this process."""

    def __init__(self, work: Work, of_all: Any, threads: int) -> None:
        self.width, self.work, self.of_all = threads, work, of_all
        self.pool = ThreadPoolExecutor(threads)

    def submit(self, own: Any) -> Future[Arrays]:
        """Begin a part."""
        return self.pool.submit(inside_a_part, self.work, self.of_all, own)

    def wait_any(self, futures: list[Any]) -> list[Any]:
        """Those of the futures that have ended, at least one."""
        return list(wait(futures, return_when=FIRST_COMPLETED).done)

    def result(self, future: Any) -> Arrays:
        """What an ended part gave; raises its error."""
        return dict(future.result())

    def give_up(self, futures: list[Any]) -> None:
        """Begin nothing more, and wait for what has begun."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def finished_parts(
    work: Work,
    of_all: Any,
    owns: Sequence[Any],
    *,
    threads: int | None = None,
    tell: Callable[[int], None] | None = None,
    place: Workplace | None = None,
) -> Iterator[Arrays]:
    """The arrays of every part, in the order of `owns`; `tell` is told the number of each part when it is there.

    What the store of the workplace holds is read from it, and what is worked out is kept there before it is handed on.
    At most `AHEAD` parts for each thread or worker are held. An error of a part is raised with `part`, its number.
    """
    place = place or workplace_now()
    addresses = _addresses(work, of_all, owns) if place.store else []
    hands: Hands | None = None
    pending: dict[Any, int] = {}
    ready: dict[int, Arrays] = {}
    following, next_out = 0, 0
    try:
        while next_out < len(owns):
            while following < len(owns) and len(pending) + len(ready) < AHEAD * (hands.width if hands else 1):
                from_store = place.store.load(addresses[following]) if place.store else None
                if from_store is not None:
                    ready[following] = from_store
                    _tell(tell, following)
                else:
                    if hands is None:
                        hands = _hands(place, work, of_all, min(thread_count(threads), len(owns)))
                    pending[hands.submit(owns[following])] = following
                following += 1
            if next_out not in ready and hands is not None:
                ended = {pending.pop(future): future for future in hands.wait_any(list(pending))}
                failures: list[Exception] = []
                for number in sorted(ended):
                    try:
                        ready[number] = _result(hands, ended[number], number)
                    except Exception as error:
                        failures.append(error)
                        continue
                    if place.store:
                        place.store.save(addresses[number], ready[number])
                    _tell(tell, number)
                if failures:  # after those that ended well are kept
                    raise failures[0]
            while next_out in ready:
                yield ready.pop(next_out)
                next_out += 1
    finally:
        if hands is not None:
            hands.give_up(list(pending))


def _addresses(work: Work, of_all: Any, owns: Sequence[Any]) -> list[str]:
    base = address_of(library_address(), work.__module__, work.__qualname__, of_all)
    return [address_of(base, own) for own in owns]


def _hands(place: Workplace, work: Work, of_all: Any, threads: int) -> Hands:
    return place.cluster.hands(work, of_all) if place.cluster else Threads(work, of_all, threads)


def _result(hands: Hands, future: Any, number: int) -> Arrays:
    try:
        return hands.result(future)
    except Exception as error:
        error.part = number  # type: ignore[attr-defined]
        raise


def _tell(tell: Callable[[int], None] | None, number: int) -> None:
    if tell is not None:
        tell(number)
