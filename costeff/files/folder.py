"""Writes a folder of files: all of them are made in a draft inside it and moved up together, or none is."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from costeff.catalogue import say
from costeff.errors import ResultError
from costeff.files.drafts import draft_name, remove_abandoned
from costeff.files.lock import BusyError, locked
from costeff.files.manifest import MANIFEST, check_kind, digest, is_own, manifest_text, read_manifest

_reservations: set[tuple[str, int]] = set()
"""Folders reserved by this process, each with the thread that did."""


@dataclass(frozen=True)
class Written:
    """What `write_folder` did: names of its files, how many it replaced or removed, and what it kept apart."""

    names: list[str]
    replaced: int = 0
    removed: int = 0
    kept: tuple[tuple[str, str], ...] = ()
    """(name, name now) of files that costeff did not write, or that were changed since."""

    def notes(self, language: str = "en") -> list[str]:
        """What a user is told of the files that were there before."""
        lines = []
        if self.replaced:
            lines.append(say("files_replaced", language, count=self.replaced))
        if self.removed:
            lines.append(say("files_removed", language, count=self.removed))
        lines += [say("file_kept", language, name=name, now=now) for name, now in self.kept]
        return lines

    def log(self) -> None:
        """Log what became of earlier files (logger `costeff`): kept apart is a warning, replaced is information."""
        log = logging.getLogger("costeff")
        for line in Written(self.names, self.replaced, self.removed).notes():
            log.info("%s", line)
        for line in Written(self.names, kept=self.kept).notes():
            log.warning("%s", line)


@contextmanager
def reserved(folder: str | os.PathLike[str], option: str = "--out", kind: str = "run") -> Iterator[Path]:
    """Make a folder and hold it for this process until the block ends, so that no run is made in vain.

    `option` is what named the folder on the command line, for the way out of an error; `kind` is what will be written:
    a folder holds one kind of result. Folders that were made and stayed empty are removed at the end.

    Raises ResultError when files cannot be written there, or another process is doing so.
    """
    target = Path(folder)
    key = (os.path.realpath(target), threading.get_ident())
    if key in _reservations:
        yield target
        return
    new_folders = _made(target, option)
    try:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(target))
            except BusyError as error:
                raise ResultError(
                    "another run is writing to this folder",
                    value=str(target),
                    rule=f"one at a time; it is {error}",
                    way_out=f"wait until that run has ended, or choose another {option}",
                ) from None
            except OSError as error:
                raise _refused(target, error, option) from error
            remove_abandoned(target)
            check_kind(target, kind, option)
            _reservations.add(key)
            try:
                yield target
            finally:
                _reservations.discard(key)
    finally:
        _unmade(new_folders)


def _made(target: Path, option: str) -> list[Path]:
    """Make the folder; the ones that were not there before, innermost first."""
    missing: list[Path] = []
    try:
        if target.exists() and not target.is_dir():
            raise ResultError("the output folder is a file", value=str(target), way_out=f"choose another {option}")
        place = target
        while not place.exists():
            if place.is_symlink():
                raise ResultError(
                    "cannot write here",
                    value=str(target),
                    rule=f"'{place}' is a link to a place that is not there",
                    way_out=f"choose another {option}",
                )
            missing.append(place)
            place = place.parent
        if not place.is_dir():
            raise NotADirectoryError(20, f"'{place}' is a file")
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _unmade(missing)
        raise _refused(target, error, option) from error
    return missing


def _unmade(folders: list[Path]) -> None:
    """Remove those of the folders that are empty."""
    with contextlib.suppress(OSError):
        for path in folders:
            path.rmdir()


def _refused(target: Path, error: OSError, option: str) -> ResultError:
    return ResultError(
        "cannot write here", value=str(target), rule=error.strerror or str(error), way_out=f"choose another {option}"
    )


def write_folder(
    folder: str | os.PathLike[str], make: Callable[[Path], None], option: str = "--out", kind: str = "run"
) -> Written:
    """Let `make` write files into a new folder, then move them into `folder`.

    Files of an earlier result of the same kind are replaced, or removed where this one has no such file. A file that
    costeff did not write, or that was changed since, is renamed, never overwritten.

    Raises ResultError when the folder cannot be written or another process is writing to it; then nothing in it has
    changed.
    """
    with reserved(folder, option, kind) as target:
        try:
            draft = target / draft_name()
            draft.mkdir()
            try:
                make(draft)
                try:
                    return _moved(draft, target, kind)
                except PermissionError as error:
                    raise _held_open(error, _kept_beside(draft, target, kind), option) from error
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            raise ResultError(
                "the output could not be written",
                value=str(target),
                rule=str(error),
                way_out=f"choose another {option}",
            ) from error


def _kept_beside(draft: Path, target: Path, kind: str) -> Path:
    """Move the files of the draft, none of which could take its place, into a new folder beside `target`."""
    number = 2
    while os.path.lexists(target.with_name(f"{target.name}_{number}")):
        number += 1
    second = target.with_name(f"{target.name}_{number}")
    second.mkdir()
    files = [path for path in sorted(draft.iterdir()) if path.is_file()]
    for path in files:
        os.replace(path, second / path.name)
    text = manifest_text({kind: {path.name: digest(second / path.name) for path in files}}, complete=True)
    (second / MANIFEST).write_text(text, encoding="utf-8")
    return second


def _held_open(error: PermissionError, second: Path, option: str) -> ResultError:
    """What is said where a file cannot be replaced: on Windows mostly since a spreadsheet has it open."""
    return ResultError(
        "a file of an earlier result cannot be replaced",
        value=str(error.filename2 or error.filename or second),
        rule="another program holds it open, or it is not yours to change; nothing in the folder has changed",
        way_out=f"close it and run again, or choose another {option}; this result is kept in {second}",
    )


def _moved(draft: Path, target: Path, kind: str) -> Written:
    """Move the files of the draft up into `target`; when one cannot be moved, put back what was there before."""
    names = sorted(path.name for path in draft.iterdir())
    shas = {name: digest(draft / name) for name in names}
    sets = read_manifest(target)
    earlier = sets.get(kind, {})
    later = {**earlier, **shas} if kind == "figures" else shas  # several commands fill a folder of figures
    stale_names = sorted(set(earlier) - set(later))
    aside = draft / "aside"
    (aside / "old").mkdir(parents=True)
    own = {name: [sha] for name, sha in shas.items()}
    for name, sha in [x for files in sets.values() for x in files.items()]:
        own.setdefault(name, []).append(sha)
    if sets:
        own[MANIFEST] = [digest(target / MANIFEST)]
    away, user_files = _cleared(target, aside / "old", [MANIFEST, *names, *stale_names], own)
    # While files are moved, the list names the earlier and the new ones: a run after a kill knows them all for ours.
    both = manifest_text({**sets, kind: {**earlier, **shas}}, complete=False)
    (aside / "between").write_text(both, encoding="utf-8")
    (aside / "after").write_text(manifest_text({**sets, kind: later}, complete=True), encoding="utf-8")
    first = [move for move in away if move[0].name == MANIFEST]
    _all_or_none(
        [
            *first,
            (aside / "between", target / MANIFEST),
            *(move for move in away if move not in first),
            *((draft / name, target / name) for name in names),
            (target / MANIFEST, aside / "between"),
            (aside / "after", target / MANIFEST),
        ]
    )
    replaced_names = [source.name for source, place in away if place.parent != target and source.name in shas]
    removed_names = [source.name for source, place in away if place.parent != target and source.name in stale_names]
    return Written([*names, MANIFEST], len(replaced_names), len(removed_names), tuple(user_files))


def _cleared(
    target: Path, old: Path, names: list[str], own: Mapping[str, list[str]]
) -> tuple[list[tuple[Path, Path]], list[tuple[str, str]]]:
    """Moves that clear the way in `target`, and (name, name now) of the files among them that are the user's.

    Ours go to `old`: their hash is one of `own`. Raises IsADirectoryError for a folder in the way.
    """
    moves, user_files = [], []
    for name in names:
        path = target / name
        if not os.path.lexists(path):
            continue
        if path.is_dir() and not path.is_symlink():
            raise IsADirectoryError(f"'{path}' is a folder")
        if is_own(path, own.get(name, ())):
            moves.append((path, old / name))
        else:
            user_files.append((name, _free_name(target, name)))
            moves.append((path, target / user_files[-1][1]))
    return moves, user_files


def _all_or_none(moves: list[tuple[Path, Path]]) -> None:
    """Rename one after the other; when one fails or the process is told to end, undo those that were done."""
    moves_done: list[tuple[Path, Path]] = []
    try:
        for source, place in moves:
            moves_done.append((source, place))  # first: a signal may come between the two lines
            os.replace(source, place)
    except BaseException:
        for source, place in reversed(moves_done):
            if not os.path.lexists(source):
                os.replace(place, source)
        raise


def _free_name(folder: Path, name: str) -> str:
    """A name beside `name` that no file has: draws.csv becomes draws.kept1.csv."""
    path, number = Path(name), 1
    while os.path.lexists(folder / f"{path.stem}.kept{number}{path.suffix}"):
        number += 1
    return f"{path.stem}.kept{number}{path.suffix}"
