"""What a command leaves behind: places are checked and held before a run, files are written before text is printed."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from costeff.catalogue import in_unit
from costeff.characters import visible
from costeff.errors import CosteffError, ResultError
from costeff.shell.language import asked_language


def hold(folder: str | None, kind: str, option: str = "--out") -> None:
    """Make an output folder and keep it for this command until it ends; ResultError when it cannot be written."""
    from costeff.files import reserved

    check_named(folder, option)
    if folder:
        click.get_current_context().with_resource(reserved(folder, option, kind))


def check_named(place: str | None, option: str) -> None:
    """Refuse an option whose name is empty or blank, as an empty variable of a script leaves it: nothing would be kept.

    Raises ResultError.
    """
    if place is not None and not place.strip():
        raise ResultError(
            "the name of the output is empty",
            value=repr(place),
            rule=f"{option} names where to write",
            way_out=f"write a name after {option}, or leave it out",
        )


def hold_tables(file: str | None, figures: str | None) -> None:
    """The same for the JSON file and the folder of figures of an analysis."""
    from costeff.files import reserved_file

    check_named(file, "--json")
    if file:
        reserved_file(file, "--json")
    hold(figures, "figures", "--figures")


@dataclass(frozen=True)
class Saved:
    """Files of a command: where they lie, what to say about them, and why they are not where they were asked for."""

    place: str = ""
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: ResultError | OSError | None = None

    def refusal(self) -> CosteffError:
        """The error that kept the files from their place, with the way to what could be saved."""
        error = self.error
        elsewhere = f"the files lie in {self.place} instead; move them from there" if self.place else None
        if isinstance(error, CosteffError):
            return ResultError(
                error.what, where=error.where, value=error.value, rule=error.rule, way_out=elsewhere or error.way_out
            )
        rule = getattr(error, "strerror", None) or str(error)
        return ResultError("the output could not be written", rule=rule, way_out=elsewhere)


def saved(
    write: Callable[[str], tuple[Sequence[str], Sequence[str]]], place: str | None, *, file: bool = False
) -> Saved | None:
    """Write files to a folder (or a `file`), or, when the system refuses, to a new folder for temporary things.

    `write` returns names and notes. A run is worth more than the place that it was meant for.
    """
    if not place:
        return None
    try:
        names, notes = write(place)
        return Saved(place, list(names), list(notes))
    except (ResultError, OSError) as error:
        if not isinstance(error, OSError) and not isinstance(error.__cause__, OSError):
            raise
        refusal = error
    for above in (tempfile.gettempdir(), os.path.expanduser("~")):
        try:
            spare = tempfile.mkdtemp(prefix="costeff-", dir=above)
        except OSError:
            continue
        try:
            names, notes = write(str(Path(spare) / Path(place).name) if file else spare)
            return Saved(spare, list(names), list(notes), refusal)
        except (ResultError, OSError):
            shutil.rmtree(spare, ignore_errors=True)
    return Saved(error=refusal)


def deliver(text: str, *files: Saved | None, with_places: bool = True) -> None:
    """Print a command's text and what it wrote; the files are there whatever becomes of the printing.

    A reader who closes the pipe (`| head`) ends the printing and is no failure. Raises CosteffError when nothing can be
    printed for another reason, and when files are not where they were asked for.
    """
    outputs = [one for one in files if one is not None]
    lines = [in_unit(text)]
    lines += [f"\n{_written(one)}" for one in outputs if with_places and not one.error]
    failure = _printed("\n".join(lines)) if any(lines) else None
    for one in outputs:
        for note in one.notes:
            click.echo(note, err=True)
    for one in outputs:
        if one.error is not None:
            raise one.refusal() from one.error
    if failure is None or (outputs and failure.errno in (errno.EPIPE, errno.ESHUTDOWN)):
        return
    if failure.errno == errno.EPIPE:
        sys.exit(1)
    places = " and ".join(one.place for one in outputs)
    raise CosteffError(
        "the result could not be printed",
        rule=failure.strerror or str(failure),
        way_out=f"the files in {places} are whole" if places else "print to a place that takes it, or give --out",
    ) from failure


def deliver_tables(
    text: str,
    file: str | None,
    figures: str | None,
    write_file: Callable[[str], object],
    write_figures: Callable[[str], Sequence[str]],
) -> None:
    """Write the JSON file and the figures of an analysis, then print its text."""

    def tables(place: str) -> tuple[list[str], list[str]]:
        write_file(place)
        return [Path(place).name], []

    figure_files = saved(lambda place: (write_figures(place), ()), figures)
    message = f"{text}\n\n{_written(figure_files)}" if figure_files and not figure_files.error else text
    deliver(message, saved(tables, file, file=True), figure_files, with_places=False)


def _written(files: Saved) -> str:
    """Where the files of a command lie, in its language."""
    from costeff.catalogue import say

    return f"{say('written_to', asked_language(), place=files.place)}: {', '.join(files.names)}"


def _printed(text: str) -> OSError | None:
    """Print; what the system said when stdout is broken, which then takes no more.

    Names of files and folders are the user's and stand in the text: what would act on the terminal, and what is no
    letter, is shown as its code.
    """
    safe_text = visible(text).encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        click.echo(safe_text)
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):  # what is left in its buffer would fail again at the end
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
        return error
    return None
