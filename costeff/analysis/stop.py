"""What a run to a target error was asked, and what it reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """What a run to a target error was asked and what it reached."""

    target: float
    reached: float
    draws: int
    batch: int
    maximum: int
    perspective: str
    wtp: float | None
    """None: the error is that of the incremental net cost."""
    currency: str

    @property
    def met(self) -> bool:
        """True when the error is at most the target."""
        return self.reached <= self.target

    def sentence(self) -> str:
        """What was reached, for the terminal and the report."""
        what = "incremental net cost"
        if self.wtp is not None:
            what = f"incremental net monetary benefit at {self.wtp:,.10g}"
        end = (
            f"the target, {self.target:,.4g}, is met"
            if self.met
            else f"the target, {self.target:,.4g}, is NOT met at the maximum of {self.maximum:,} draws"
        )
        return (
            f"Monte Carlo error of the {what} ({self.perspective}): {self.reached:,.4g} {self.currency} after "
            f"{self.draws:,} draws in batches of {self.batch}; {end}."
        )
