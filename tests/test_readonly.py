"""Anchored in the files on disk: kernels are cached outside a package folder that nobody may write to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import costeff

CODE = """
import os, sys, time
import costeff
from costeff.benchmark.models import smallest
from costeff.engine import block, microsim
from costeff.simulation.simulate import simulate
assert costeff.__file__.startswith(sys.argv[1])
simulate(smallest(), {}, {}, individuals=2, seed=1)
print(sum(block.live_draws.stats.cache_hits.values()), sum(block.live_draws.stats.cache_misses.values()))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """The package as installed for all users: no one may write into it."""
    target = tmp_path / "site" / "costeff"
    shutil.copytree(Path(costeff.__file__).parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (target, *target.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield target.parent
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_kernels_of_a_read_only_package_are_kept_elsewhere(installed: Path, tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(installed), "COSTEFF_CACHE_DIR": str(tmp_path / "cache"),
                        "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    counts = []
    before = sorted(installed.rglob("*"))
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", CODE, str(installed)], capture_output=True, text=True, cwd="/", env=env
        )
        assert ran.returncode == 0, ran.stderr
        counts.append(tuple(map(int, ran.stdout.split())))
        assert ("compiling kernels" in ran.stderr) == (len(counts) == 1)
    assert counts == [(0, 1), (1, 0)]
    assert sorted(installed.rglob("*")) == before
    assert list((tmp_path / "cache").rglob("block.live_draws-*.nbi"))
