"""A simulation that runs beside the screens: how far it is, and its end when the planner cancels it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from costeff.errors import CosteffError


class CancelledError(Exception):
    """The planner has cancelled the simulation."""


class Job:
    """One simulation in a thread of its own. `work` gets what to tell its progress to."""

    def __init__(self, work: Callable[[Callable[[int, int], None]], None]) -> None:
        self.draws_done, self.total = 0, 0
        self.error: CosteffError | None = None
        self._cancel = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def runs(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End it after the batch that it is at."""
        self._cancel.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end."""
        self._thread.join(seconds)

    def _tell(self, draws: int, total: int) -> None:
        self.draws_done, self.total = draws, total
        if self._cancel.is_set():
            raise CancelledError

    def _run(self) -> None:
        try:
            self._work(self._tell)
        except CancelledError:
            pass
        except CosteffError as error:
            self.error = error
        except Exception as error:  # whatever it is, the planner is told, and the screen does not wait for ever
            self.error = CosteffError("the simulation ended with a fault", value=f"{type(error).__name__}: {error}")
