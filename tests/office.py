"""LibreOffice without a window: opens workbooks, computes every formula again, and writes what it found."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SOFFICE = os.environ.get("SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")

# Always compute on loading; the default trusts the values in the file, and the test would prove nothing.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""


def recalculated(files: Sequence[Path], folder: Path, to: str = "xlsx") -> dict[str, Path]:
    """Every workbook computed again, by its stem; one start of the program for all of them."""
    assert SOFFICE is not None
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    out = folder / "recalculated"
    command = [
        SOFFICE,
        f"-env:UserInstallation={user.parent.as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        to,
        "--outdir",
        str(out),
        *map(str, files),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    made = {file.stem: out / f"{file.stem}.{to}" for file in files}
    missing = [str(path) for path in made.values() if not path.is_file()]
    assert not missing, f"{missing}\n{ran.stdout}\n{ran.stderr}"
    return made


def rows_after(rows: list[tuple[Any, ...]], heading: str) -> dict[str, list[float]]:
    """Figures by first cell, from the row after a heading to the next empty row."""
    start = next(i for i, row in enumerate(rows) if row[0] == heading) + 1
    found = {}
    for row in rows[start:]:
        if row[0] is None or not isinstance(row[1], int | float):
            break
        found[str(row[0])] = [x for x in row[1:] if isinstance(x, int | float)]
    return found
