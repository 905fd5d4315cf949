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
import sys
import costeff
from costeff.analysis.tally_kernel import tally
from costeff.numerics.kernel_cache import announce
assert costeff.__file__.startswith(sys.argv[1])
two = costeff.Evaluation("payer", "qaly", ("usual", "new"), "usual", [[1.0, 2.0]] * 4, [[1.0, 1.5]] * 4)
announce("tally_kernel", "tally")
two.ceac([0.0, 10.0])
print(sum(tally.stats.cache_hits.values()), sum(tally.stats.cache_misses.values()))
"""
#: A kernel that compiles in a second stands for all: the place of the cache is the same.


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
    env = os.environ | {
        "PYTHONPATH": str(installed),
        "COSTEFF_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
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
    assert list((tmp_path / "cache").rglob("tally_kernel.tally-*.nbi"))
