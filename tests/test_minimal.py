"""Anchored in sys.modules of a fresh process: asking for costeff, or for help, loads nothing heavy."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import costeff

ROOT = Path(costeff.__file__).parents[1]
HEAVY = {
    "SALib",
    "dash",
    "distributed",
    "matplotlib",
    "netCDF4",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "plotly",
    "pyarrow",
    "scipy",
    "xarray",
    "xlsxwriter",
}

REPORT = "import json, sys; print('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


def loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh process after `code`; its time goes to the test's output."""
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{REPORT}"],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stderr
    print(f"{time.perf_counter() - start:.2f} s: {code.splitlines()[-1]}")
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_the_check_can_fail() -> None:
    assert "xarray" in loaded_by("import xarray") & HEAVY


def test_import_is_light() -> None:
    assert loaded_by("import costeff, costeff.errors, costeff.bundled; dir(costeff)") & HEAVY == set()


def commands() -> list[tuple[str, ...]]:
    """Every path of words that the shell knows, the empty one first."""
    if importlib.util.find_spec("costeff.cli") is None:
        return [()]
    from costeff.cli import main

    def below(command: object, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        subcommands = getattr(command, "commands", {})
        return [words, *(found for name, sub in subcommands.items() for found in below(sub, (*words, name)))]

    return below(main, ())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_is_light(words: tuple[str, ...]) -> None:
    if importlib.util.find_spec("costeff.cli") is None:
        assert words == ()
        return
    code = (
        "from costeff.cli import main\n"
        f"try: main({[*words, '--help']!r}, prog_name='costeff')\n"
        "except SystemExit as end: assert not end.code"
    )
    assert loaded_by(code) & HEAVY == set()


def test_an_import_compiles_nothing(tmp_path: Path) -> None:
    """The least of three starts is printed, python's own included; afterwards there is no cache of kernels."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import costeff"], check=True, cwd="/", env=env)
        times.append(time.perf_counter() - start)
    print(f"import costeff: {min(times):.2f} s")
    assert not (tmp_path / "cache").exists()


def test_loading_every_module_compiles_no_kernel(tmp_path: Path) -> None:
    """Decorating a kernel makes its folder; a compiled kernel would be a file in it."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    code = (
        "import costeff.api, costeff.simulation.histories, costeff.engine.cohort.cohort, costeff.calibrate\n"
        "from costeff.engine.events import block\n"
        "assert not block.live_draws.signatures"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/", env=env)
    assert (tmp_path / "cache").is_dir()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".nbi", ".nbc")]


def test_a_case_needs_no_datasets() -> None:
    """Draws by name are enough for a case; xarray would load for nothing, and other libraries with it."""
    code = "import costeff\ncosteff.invest('tki2-aarhus-investment', draws=2, individuals=10, progress=False)"
    assert not {"xarray", "dask", "matplotlib"} & loaded_by(code)
