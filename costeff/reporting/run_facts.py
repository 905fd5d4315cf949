"""What stands beside every number of a run: its name, versions, and numbers that JSON can hold."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np


def with_run(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a JSON file with the run's name in front: 16 digits of its own hash, so equal runs have one.

    >>> with_run({"seed": 1})
    {'run': 'a4bbadc1c78966d2', 'seed': 1}
    """
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return {"run": hashlib.sha256(text.encode()).hexdigest()[:16], **content}


def plain(value: Any) -> Any:
    """A number, text or None that JSON can hold; not-a-number becomes None."""
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def versions() -> dict[str, str]:
    """Versions of costeff, Python and the libraries that make the numbers."""
    by_library = {"python": platform.python_version()}
    for name in ("costeff", "numpy", "scipy", "pandas", "xarray", "numba"):
        try:
            by_library[name] = version(name)
        except PackageNotFoundError:
            from costeff import __version__

            by_library[name] = __version__ if name == "costeff" else "unknown"
    return by_library
