"""What a run to a target error was asked, and what it reached."""

from __future__ import annotations

from dataclasses import dataclass

from costeff.evidence.distributions.distribution import four_digits


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
            f"the target, {four_digits(self.target)}, is met"
            if self.met
            else f"the target, {four_digits(self.target)}, is NOT met at the maximum of {self.maximum:,} draws"
        )
        return (
            f"Monte Carlo error of the {what} ({self.perspective}): {four_digits(self.reached)} {self.currency} after "
            f"{self.draws:,} draws in batches of {self.batch}; {end}."
        )
