"""Anchored in equality of bits: a run in parts, kept, killed and gone on with gives what one run in threads gives."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Study, load, workplace
from costeff.cli import main
from costeff.engine.quantities import Quantities
from costeff.errors import EngineError, Place, ResultError, ScenarioError
from costeff.model import Expression
from costeff.simulation import simulate as simulation
from costeff.simulation.content import address_of
from costeff.simulation.packed import packed, unpacked
from costeff.simulation.parts import FEWEST, finished_parts, part_size
from costeff.simulation.simulate import simulate
from costeff.simulation.store import Arrays, Store

DRAWS, INDIVIDUALS = 30, 40
ARRAYS = ("time", "events", "passages", "trace", "half_sizes")


@cache
def study(name: str = "tki2") -> Study:
    return load(name)


def quantities(name: str = "tki2", draws: int = DRAWS, **how: Any) -> Quantities:
    values = {str(n): np.asarray(v) for n, v in study(name).draw(draws, 5).data_vars.items()}
    asked = {"individuals": INDIVIDUALS, "seed": 5, **how}
    return simulate(study(name).model, values, study(name).tables, **asked).quantities


def same_bits(one: Quantities, other: Quantities) -> bool:
    pairs = [[np.ascontiguousarray(getattr(q, name)) for q in (one, other)] for name in ARRAYS]
    return one.sojourns == other.sojourns and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs
    )


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four parts in place of one."""
    monkeypatch.setattr(simulation, "part_size", lambda individuals: FEWEST)


# -- the same bits ----


@pytest.mark.parametrize(
    ("name", "engine"), [("tki2", "microsim"), ("sick_sicker", "cohort"), ("sick_sicker", "microsim")]
)
def test_in_parts_and_read_again(tmp_path: Path, name: str, engine: str) -> None:
    """Sick-Sicker has a rule within the cycle, whose limits are those of all draws; its cohort's trace is exact."""
    whole = quantities(name, engine=engine, threads=1)
    with workplace(tmp_path) as place:
        assert same_bits(quantities(name, engine=engine, threads=2), whole)
        assert place.store is not None
        assert (place.store.kept, place.store.read) == (4, 0)
        assert same_bits(quantities(name, engine=engine, threads=1), whole)
        assert (place.store.kept, place.store.read) == (4, 4)


def test_what_is_left_out_comes_back() -> None:
    """Cells that no draw reaches are not kept, and are most of those of TKI2."""
    whole = quantities()
    arrays = packed(whole)
    assert arrays["time"].nbytes < 0.5 * whole.time.nbytes
    assert same_bits(unpacked(arrays), whole)


def test_an_analysis_goes_on(tmp_path: Path) -> None:
    asked = {"draws": DRAWS, "individuals": INDIVIDUALS, "seed": 2, "method": "random", "progress": False}
    alone = study().psa(**asked)
    for _ in range(2):
        with workplace(tmp_path):
            kept = study().psa(**asked)
        for perspective in ("municipal", "societal_market"):
            one, other = alone.perspective(perspective), kept.perspective(perspective)
            assert np.array_equal(one.cost, other.cost)
            assert np.array_equal(one.effect, other.effect)


def test_more_draws_go_on_from_fewer(tmp_path: Path) -> None:
    with workplace(tmp_path) as place:
        quantities(draws=16)
        quantities(draws=DRAWS)
        assert place.store is not None
        assert (place.store.read, place.store.kept) == (2, 4)


# -- nothing is read in the place of something else ----


def other_hazard() -> Study:
    first = next(t for t in study().model.transitions if t.hazard is not None)
    assert first.hazard is not None
    faster = replace(first, hazard=Expression(f"1.5 * ({first.hazard.text})"))
    model = replace(study().model, transitions=tuple(faster if t is first else t for t in study().model.transitions))
    return replace(study(), model=model)


def test_a_changed_formula_is_simulated(tmp_path: Path) -> None:
    values = {str(n): np.asarray(v) for n, v in study().draw(FEWEST, 5).data_vars.items()}
    asked = {"individuals": INDIVIDUALS, "seed": 5}
    other = other_hazard().model
    assert repr(other) == repr(study().model)
    alone = simulate(other, values, study().tables, **asked).quantities
    with workplace(tmp_path):
        simulate(study().model, values, study().tables, **asked)
        assert same_bits(simulate(other, values, study().tables, **asked).quantities, alone)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: replace(m, name="another"),
        lambda m: replace(m, clocks=m.clocks[::-1]),
        lambda m: replace(m, start=m.start),
    ],
)
def test_addresses_of_models(change: Callable[[Any], Any]) -> None:
    model = study().model
    assert (address_of(model) == address_of(change(model))) == (change(model) == model)


def test_addresses_of_values() -> None:
    values = (1, 1.0, True, "1", b"1", None, [1], (1,), {"a": 1}, {1}, np.array([1]), np.array([1.0]), np.array(1))
    assert len({address_of(value) for value in values}) == len(values) - 1  # a list is a tuple
    assert address_of({"a": 1, "b": 2}) != address_of({"b": 2, "a": 1})  # the first category comes first
    assert address_of(["ab", "c"]) != address_of(["a", "bc"])
    assert address_of(0.1 + 0.2) != address_of(0.3)
    table = study().tables["mortality"]
    assert address_of(table) == address_of(replace(table, place=Place("elsewhere.csv", 3)))
    assert address_of(table) != address_of(
        replace(table, columns={k: np.asarray(v) * 2 for k, v in table.columns.items()})
    )
    with pytest.raises(EngineError, match="of this kind"):
        address_of(object())


# -- what goes wrong ----


def double(shared: float, own: float) -> Arrays:
    if own < 0:
        raise ValueError("no such part")
    return {"x": np.array(shared * own)}


def test_damaged_parts_are_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def numbers() -> list[float]:
        with workplace(tmp_path):
            return [float(arrays["x"]) for arrays in finished_parts(double, 2.0, [1.0, 2.0, 3.0])]

    assert numbers() == [2, 4, 6]
    first, second, third = sorted(tmp_path.iterdir())
    first.write_bytes(first.read_bytes()[:-30])  # torn
    content = bytearray(second.read_bytes())
    content[content.index(b"\n") + 1] ^= 1  # one bit of a number
    second.write_bytes(content)
    third.write_bytes(b"")
    assert numbers() == [2, 4, 6]
    assert caplog.text.count("is damaged and is simulated again") == 3
    assert numbers() == [2, 4, 6]
    assert caplog.text.count("is damaged") == 3


def test_an_error_loses_no_other_part(tmp_path: Path) -> None:
    with workplace(tmp_path) as place, pytest.raises(ValueError, match="no such part") as raised:
        list(finished_parts(double, 2.0, [1.0, 2.0, 3.0, -1.0, 4.0], threads=1))
    assert raised.value.part == 3  # type: ignore[attr-defined]
    assert place.store is not None
    assert len(list(tmp_path.iterdir())) == place.store.kept >= 3


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """No file may grow beyond 2,000 bytes: what the system says of a full disk, here of too large a file."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_loses_nothing(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    store = Store(tmp_path)
    store.save("a" * 64, {"x": np.arange(9.0)})
    before = (tmp_path / ("a" * 40 + ".npz")).read_bytes()
    full_disk()
    with pytest.raises(ResultError, match="could not be kept") as raised:
        store.save("b" * 64, {"x": np.arange(9000.0)})
    assert "goes on from what is kept there, 1 whole files" in str(raised.value)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a" * 40 + ".npz", before)]
    kept = store.load("a" * 64)
    assert kept is not None
    assert np.array_equal(kept["x"], np.arange(9.0))


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is simulated. (This may run as root, whom no mode of a folder stops.)"""
    (tmp_path / "file").write_text("")
    shown = CliRunner().invoke(main, ["run", "tki2", "--resume", str(tmp_path / "file" / "kept")])
    assert shown.exit_code == 2
    assert "finished parts cannot be kept here" in shown.output

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ResultError, match="Read-only file system"):
        Store(tmp_path / "kept")


def test_options_that_keep_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "psa.csv").write_text("draw,cost_a,cost_b,effect_a,effect_b\n1,1,2,3,4\n2,2,3,4,5\n")
    words = ["gsa", str(tmp_path / "psa.csv"), "--resume", str(tmp_path / "kept")]
    assert "a table of draws has been run" in CliRunner().invoke(main, words).output
    assert "names where to write" in CliRunner().invoke(main, ["run", "tki2", "--resume", " "]).output
    with workplace(tmp_path / "kept"), pytest.raises(EngineError, match="within a workplace"), workplace():
        raise ScenarioError("never reached")


def test_a_part_depends_on_nothing_but_its_people() -> None:
    assert [part_size(n) for n in (1, 128, 1000, 10**6)] == [512, 512, 131, 8]


# -- killed ----

RUN = """
import sys
from test_parts import simulation, quantities, workplace
simulation.part_size = lambda individuals: 8
with workplace(sys.argv[1]):
    q = quantities(draws=64, individuals=300, threads=2)
"""


def killed_and_gone_on_with(folder: Path, moments: Iterator[Callable[[subprocess.Popen[bytes]], None]]) -> None:
    """Runs in processes of their own, each killed by -9 at its moment; what then is simulated here is as in one go."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])}
    for moment in moments:
        run = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], env=env)
        moment(run)
        run.kill()
        assert run.wait() in (-signal.SIGKILL, 0)
    kept = len(list(folder.glob("*.npz")))
    with workplace(folder) as place:
        again = quantities(draws=64, individuals=300, threads=2)
        assert place.store is not None
        assert (place.store.read, place.store.kept) == (kept, 8 - kept)
    assert not list(folder.glob("*.draft"))  # what the killed ones left
    assert same_bits(again, quantities(draws=64, individuals=300, threads=2))


def test_killed_after_its_second_part(tmp_path: Path) -> None:
    def after_two(run: subprocess.Popen[bytes]) -> None:
        while len(list(tmp_path.glob("*.npz"))) < 2 and run.poll() is None:
            time.sleep(0.005)

    killed_and_gone_on_with(tmp_path, iter([after_two]))


@pytest.mark.nightly
def test_killed_at_ten_random_moments(tmp_path: Path) -> None:
    rng = np.random.default_rng(27)

    def some_time(run: subprocess.Popen[bytes]) -> None:
        while not list(tmp_path.glob("*")) and run.poll() is None:  # the imports are over
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.3)))

    killed_and_gone_on_with(tmp_path, iter([some_time] * 10))
