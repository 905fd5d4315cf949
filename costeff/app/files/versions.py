"""A case file and its versions: every save is kept, and no save takes the place of one that its author has not seen.

Beside the case stands `.costeff-versions/NAME/` with one YAML file for each version and `log.csv`: which key changed
from what to what, when, and why. A change that another program made to the file becomes a version too.
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from costeff.app.files.disk import disk_in_words
from costeff.app.files.folder import LOG, CaseFolder
from costeff.errors import CosteffError, ScenarioError
from costeff.files import write_whole
from costeff.files.cells import guarded, unguarded
from costeff.files.lock import BusyError, locked

OUTSIDE = "outside"
"""Who made a version that was not made in the app."""
_TRIES, _PAUSE = 40, 0.05  # seconds between tries to write a folder that another process writes


class ConflictError(CosteffError):
    """The file has a newer version than the one that an edit began from."""


@dataclass(frozen=True)
class Version:
    """One version of a case: its number, the one that it came from, and what changed."""

    number: int
    parent: int
    made_at: str
    key: str
    before: str
    after: str
    reason: str
    by: str


COLUMNS = tuple(field.name for field in fields(Version))


@dataclass(frozen=True)
class Change:
    """What an edit did: the key, what stood there and what stands there now, why, and in which tab."""

    key: str
    before: str
    after: str
    by: str
    reason: str = ""


class CaseFile:
    """A case file of the folder. Threads of the app take turns, and so do two apps on one folder."""

    _turn = threading.RLock()

    def __init__(self, folder: CaseFolder, name: str) -> None:
        self.folder, self.name = folder, name
        self.path = folder.file(name)

    def read(self) -> tuple[str, Version]:
        """The text as it stands and its version; what another program wrote becomes one first."""
        with self._alone():
            return self._read()

    def save(self, edit: Callable[[str], str], from_version: int, change: Change) -> Version:
        """Put an edit on the text and keep both versions.

        Raises ConflictError when somebody else has saved since `from_version`; then nothing is written.
        """
        with self._alone():
            text, last = self._read()
            self._check_seen(last, from_version, change.by)
            new_text = edit(text)
            return last if new_text == text else self._write(new_text, change, last.number)

    def undo(self, from_version: int, by: str) -> Version:
        """Take the last change back: the version before it is written again. Raises as `save` does."""
        with self._alone():
            _, last = self._read()
            self._check_seen(last, from_version, by)
            earlier = self._versions()
            before = next((v for v in earlier if v.number == last.parent), None)
            if before is None:
                raise ScenarioError("there is nothing to undo", rule="this is the first version of the case")
            if not self._is_kept(before.number):
                raise ScenarioError(
                    "the version before is not there",
                    value=str(self._place(before.number)),
                    rule="a change is taken back by writing the version before it again",
                    way_out="put the file back, or change the value by hand",
                )
            change = Change(last.key, last.after, last.before, by, reason=f"undo {last.number}")
            return self._write(self._text(before.number), change, before.parent)

    def versions(self) -> list[Version]:
        """Every version, oldest first."""
        with self._alone():
            self._read()
            return self._versions()

    def _read(self) -> tuple[str, Version]:
        text = self._plain_text()
        versions = self._versions()
        if versions and self._text(versions[-1].number) == text:
            return text, versions[-1]
        parent = versions[-1].number if versions else 0
        return text, self._keep(text, Change("", "", "", OUTSIDE), parent)

    def _plain_text(self) -> str:
        path = self.folder.file(self.name)
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ScenarioError("the file is not UTF-8 text", where=path.name, way_out="save it as UTF-8") from None

    def _check_seen(self, last: Version, from_version: int, by: str) -> None:
        unseen = [v for v in self._versions() if v.number > from_version and v.by != by]
        if unseen and last.number != from_version:
            changes = ", ".join(dict.fromkeys(v.key or v.by for v in unseen))
            raise ConflictError(
                "somebody else has changed this case meanwhile",
                value=changes,
                rule="no save takes the place of one that its author has not seen",
                way_out="load the page again, look at what changed, and make the change once more",
            )

    def _write(self, text: str, change: Change, parent: int) -> Version:
        # The file first: what is cut short after it is found again as a version of its own.
        write_whole(text, self.folder.file(self.name))
        return self._keep(text, change, parent)

    def _keep(self, text: str, change: Change, parent: int) -> Version:
        versions = self._versions()
        number = versions[-1].number + 1 if versions else 1
        made_at = time.strftime("%Y-%m-%d %H:%M:%S")
        version = Version(number, parent, made_at, change.key, change.before, change.after, change.reason, change.by)
        for content, path in ((text, self._place(number)), (_log_text([*versions, version]), self._log)):
            if path.is_symlink():
                raise ScenarioError("a link stands where the app keeps its files", value=str(path))
            write_whole(content, path)
        return version

    def _versions(self) -> list[Version]:
        if not self._log.is_file():
            return []
        rows = csv.DictReader(io.StringIO(self._log.read_text(encoding="utf-8")))
        texts = [{name: unguarded(row[name]) for name in COLUMNS} for row in rows]
        return [Version(int(row.pop("number")), int(row.pop("parent")), **row) for row in texts]

    def _text(self, number: int) -> str:
        return self._place(number).read_bytes().decode("utf-8") if self._is_kept(number) else ""

    def _is_kept(self, number: int) -> bool:
        """Whether a version's file is there, and is no link."""
        place = self._place(number)
        return place.is_file() and not place.is_symlink()

    @property
    def _log(self) -> Path:
        return self.folder.versions(self.name) / LOG

    def _place(self, number: int) -> Path:
        return self.folder.versions(self.name) / f"{number:04d}.yaml"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn, disk_in_words():
            for tries_left in reversed(range(_TRIES)):
                try:
                    with locked(self.folder.versions(self.name)):
                        yield
                        return
                except BusyError as error:
                    if not tries_left:
                        raise ScenarioError("the case is being written by another program", value=str(error)) from None
                    time.sleep(_PAUSE)


def _log_text(versions: list[Version]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in astuple(version)] for version in versions)
    return out.getvalue()
