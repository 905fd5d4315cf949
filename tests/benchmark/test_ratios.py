"""Anchored in closed forms: rates of the verdict by the normal law, under known noise; and in planted slowdowns.

Nothing here asserts a time. Rounds are made up, but for one small part that is really slowed to three times.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import norm, t

from costeff.benchmark import calibration, parts, whole_commands
from costeff.benchmark import machine as machines
from costeff.benchmark import ratios as measuring
from costeff.benchmark.old_file import old_estimates
from costeff.benchmark.ratio_table import change_table, ratio_table
from costeff.benchmark.ratios import NAMES, kind_of, ratios, verdicts
from costeff.benchmark.verdict import FALSE_ALARMS, KINDS, PRIOR_ROUNDS, Estimate, verdict
from costeff.catalogue import say
from costeff.cli import main
from costeff.errors import CosteffError, EngineError, ResultError

ROOT = Path(__file__).resolve().parents[2]
Measure = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]


def noisy(seed: int, slowdowns: Mapping[str, float] | None = None, share: float = 1.0) -> Measure:
    """Rounds whose noise is `share` of what is expected beforehand: between sessions, and between rounds."""
    rng = np.random.default_rng(seed)
    session = {name: rng.normal(0, share * KINDS[kind_of(name)].floor) for name in NAMES}

    def measure(names: Sequence[str]) -> dict[str, dict[str, float]]:
        luck = {name: session[name] + rng.normal(0, share * KINDS[kind_of(name)].spread) for name in names}
        return {n: {"ratio": math.exp(x) * (slowdowns or {}).get(n, 1.0), "seconds": 1.0} for n, x in luck.items()}

    return measure


def answers(seed: int, slowdowns: Mapping[str, float], share: float = 1.0) -> dict[str, str]:
    """What `--against` says of a version with these slowdowns, held against one without."""
    before = {name: Estimate(tuple(e["values"]), kind_of(name)) for name, e in made(2 * seed, share).items()}
    results = ratios(old=before, measure=noisy(2 * seed + 1, slowdowns, share))
    return {name: one.word for name, one in verdicts(results, before, 1.2).items()}


def made(seed: int, share: float = 1.0) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = ratios(measure=noisy(seed, share=share))["ratios"]
    return entries


# -- the rule ----


def test_an_estimate_by_hand() -> None:
    """Two rounds of 1 and e^0.06: their mean e^0.03; squares 2 x 0.03^2 with six rounds of 0.03^2 beforehand."""
    one = Estimate((1.0, math.exp(0.06)), "part")
    assert one.ratio == pytest.approx(math.exp(0.03))
    assert one.degrees == PRIOR_ROUNDS + 1
    assert one.luck == pytest.approx(math.sqrt((6 * 0.03**2 + 2 * 0.03**2) / 7 / 2))
    assert one.error == pytest.approx(math.hypot(one.luck, KINDS["part"].floor))


@pytest.mark.parametrize("true", [1.0, 1.07, 1.1, 1.13, 1.2])
def test_rates_of_one_look_are_those_of_the_normal_law(true: float) -> None:
    """With little noise the limit is half of log(1.2), and luck is normal with a known error."""
    rng, tries, spread = np.random.default_rng(7), 2000, 0.02
    luck = rng.normal(0, spread, (tries, 2, 4))
    words = []
    for old, new in luck:
        before, now = (Estimate(tuple(np.exp(x)), "part") for x in (old, new + math.log(true)))
        words.append(verdict(before, now, 1.2, len(NAMES)).word)
    error = spread * math.sqrt(2 / 4)
    expected = norm.cdf((math.log(true) - math.log(1.2) / 2) / error)
    # A spread that looks large by luck moves the limit above the half in a few tries: below 0.01 of them.
    assert words.count("slower") / tries == pytest.approx(expected, abs=4 * math.sqrt(0.25 / tries) + 0.01)


def test_luck_alone_passes_the_bound_as_seldom_as_stated() -> None:
    """Where the bound decides and not the half, Student's quantile leaves at most the stated share."""
    rng, tries, workloads = np.random.default_rng(8), 4000, 1
    luck = rng.normal(0, KINDS["part"].spread, (tries, 2, 4)) + rng.normal(0, KINDS["part"].floor, (tries, 2, 1))
    words = [verdict(*(Estimate(tuple(np.exp(x)), "part") for x in pair), 1.000001, workloads).word for pair in luck]
    share, stated = words.count("slower") / tries, FALSE_ALARMS / workloads
    assert stated / 4 < share < stated + 4 * math.sqrt(stated / tries)


def test_what_would_be_missed_too_often_is_untold() -> None:
    """Untold is what leaves a slowdown of 1.2 a chance of more than 1 in 20; by the normal law, for long runs."""
    rng = np.random.default_rng(9)
    for spread in np.linspace(0.01, 0.2, 20):
        old, new = (Estimate(tuple(np.exp(rng.normal(0, spread, 12))), "part") for _ in range(2))
        answer = verdict(old, new, 1.2, len(NAMES))
        error = math.hypot(old.error, new.error)
        freedom = error**4 / sum(one.luck**4 / one.degrees for one in (old, new))
        limit = max(math.log(1.2) / 2, t.ppf(1 - FALSE_ALARMS / len(NAMES), freedom) * error)
        seen = t.sf((limit - math.log(1.2)) / error, freedom)
        if math.log(answer.change) <= limit:
            assert (answer.word == "untold") == (seen < 0.95)


def test_commands_are_allowed_twice_as_much() -> None:
    assert KINDS["part"].allowed(1.2) == pytest.approx(1.2)
    assert KINDS["command"].allowed(1.2) == pytest.approx(1.4)
    slow = tuple([1.15] * 8)
    assert verdict(Estimate((1.0,) * 8, "part"), Estimate(slow, "part"), 1.2, 15).word == "slower"
    assert verdict(Estimate((1.0,) * 8, "command"), Estimate(slow, "command"), 1.2, 15).word == "same"
    assert verdict(Estimate(slow, "part"), Estimate((1.0,) * 8, "part"), 1.2, 15).word == "faster"


def test_planted_slowdowns_are_caught_and_luck_is_not() -> None:
    """40 versions with a slowdown in three workloads, 20 % in parts and 40 % in a command, under the expected noise.

    By the bars: each caught in 19 of 20 versions at least, and at most 1 in 20 alarms elsewhere (a Poisson number of
    2 is above 6 once in 220).
    """
    slowdowns = {"a": 1.2, "ledger": 1.2, "g": 1.4}
    tries = [answers(seed, slowdowns) for seed in range(40)]
    for name in slowdowns:
        assert sum(one[name] == "slower" for one in tries) >= 38, name
    assert sum(word == "slower" for one in tries for name, word in one.items() if name not in slowdowns) <= 6


def test_a_suspect_is_measured_again() -> None:
    """A first four rounds by which a part looks slower are set right by more; what is slow stays so, and what is slow
    beyond doubt is measured no more."""
    before = {name: Estimate((1.0,) * 8, "part") for name in ("a", "e", "f")}
    calls: list[Sequence[str]] = []

    def measure(names: Sequence[str]) -> dict[str, dict[str, float]]:
        calls.append(tuple(names))
        now = {"a": 1.15 if len(calls) <= 4 else 0.97, "e": 1.12, "f": 1.3}
        return {name: {"ratio": now[name], "seconds": 1.0} for name in names}

    results = ratios(only=("a", "e", "f"), old=before, measure=measure)
    words = {name: one.word for name, one in verdicts(results, before, 1.2).items()}
    assert words == {"a": "same", "e": "slower", "f": "slower"}
    assert len(calls) == 8
    assert results["ratios"]["e"]["rounds"] == 8
    assert results["ratios"]["f"]["rounds"] == 4
    assert 4 < results["ratios"]["a"]["rounds"] <= 8


def test_rounds_go_on_until_the_error_is_small() -> None:
    quiet, loud = (made_one("f", share) for share in (0.1, 20.0))
    assert quiet["rounds"] == measuring.LEAST
    assert quiet["error"] <= KINDS["part"].target
    assert loud["rounds"] == measuring.MOST
    small = ratios(only=("f",), small=True, measure=noisy(3, share=20.0))["ratios"]["f"]
    assert small["rounds"] == measuring.LEAST


def made_one(name: str, share: float) -> dict[str, Any]:
    entry: dict[str, Any] = ratios(only=(name,), measure=noisy(3, share=share))["ratios"][name]
    return entry


def test_no_round_begins_that_would_end_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rounds, and one more of what may be slower, whatever they take; no others."""
    monkeypatch.setattr(measuring, "FIRST_LIMIT", -1.0)
    monkeypatch.setattr(measuring, "TIME_LIMIT", -1.0)
    before = {name: Estimate((1.0,) * 8, "part") for name in ("d", "e", "f")}
    results = ratios(only=("d", "e", "f"), old=before, measure=noisy(3, {"e": 1.5, "f": 1.15}, share=0.1))
    assert {name: one["rounds"] for name, one in results["ratios"].items()} == {"d": 2, "e": 2, "f": 3}


# -- the loop and the workloads ----


def test_the_loop_is_the_one_of_all_recorded_ratios() -> None:
    """Its text may not change: ratios to another loop cannot be held against those on record."""
    assert calibration.LOOP == LOOP_ON_RECORD
    text = Path(calibration.__file__).read_text("utf-8")
    assert "costeff" not in text.replace("of costeff", "")
    assert calibration.compiled() > 0
    assert calibration.interpreted() > 0


LOOP_ON_RECORD = "bfb0a345cd5d29e5"


def test_every_workload_has_a_name_in_every_language() -> None:
    for name in NAMES:
        assert say(f"benchmark_{name}", "da")
        assert say(f"benchmark_{name}", "en")
    assert set("acdefghik") < set(NAMES)


def test_the_table_of_voi_has_twenty_parameters() -> None:
    head, *rows = whole_commands.voi_table(5).splitlines()
    assert len(rows) == 5
    assert [name for name in head.split(",") if name.startswith("p")] == [f"p{k}" for k in range(1, 21)]


@pytest.mark.parametrize("name", parts.PARTS)
def test_each_part_does_its_work(name: str) -> None:
    """One turn at a very small size."""
    turns = parts.PARTS[name].turns({"report": 3}.get(name, 20))
    assert all(turn() >= 0 for key, turn in turns.items() if key == "seconds")


def test_a_planted_slowdown_is_seen() -> None:
    """The ledger's flows made to take three times as long: the part that has them is slower, another is not."""
    before, now = (round_of("random,ledger", plants) for plants in ("", "costeff.ledger.flows:flows=3"))
    words = {name: verdict(old, now[name], 2.0, len(NAMES)).word for name, old in before.items()}
    assert words["ledger"] == "slower"
    assert words["random"] != "slower"


def round_of(names: str, plants: str) -> dict[str, Estimate]:
    """One round of parts at small sizes, in a process with these slowdowns."""
    path = os.pathsep.join((str(ROOT / "benchmarks/planted"), str(ROOT)))
    environment = os.environ | {"PYTHONPATH": path, "COSTEFF_PLANTED": plants}
    words = [sys.executable, "-m", "costeff.benchmark.parts", names, "1", "3"]
    process = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    measures = json.loads(process.stdout.splitlines()[-1])
    return {name: Estimate((entry["ratio"],), "part") for name, entry in measures.items()}


def test_a_command_is_measured_with_its_children_and_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'], check=True)"
    monkeypatch.setitem(whole_commands.COMMANDS, "idle", whole_commands.Command(("-c", "pass"), loop=("interpreted",)))
    monkeypatch.setitem(whole_commands.COMMANDS, "parent", whole_commands.Command(("-c", child), loop=("interpreted",)))
    idle, parent = (whole_commands.measured(name, small=True) for name in ("idle", "parent"))
    assert parent["seconds"] > 2 * idle["seconds"]
    monkeypatch.setitem(whole_commands.COMMANDS, "bad", whole_commands.Command(("-c", "raise ValueError('why')")))
    with pytest.raises(CosteffError, match="workload bad failed") as caught:
        whole_commands.measured("bad", small=True)
    assert "ValueError: why" in str(caught.value)


# -- files ----


def written(folder: Path, change: Callable[[dict[str, Any]], object] = lambda data: None) -> str:
    data = json.loads(json.dumps(ratios(measure=noisy(5))))
    change(data)
    (folder / "old.json").write_text(json.dumps(data), encoding="utf-8")
    return str(folder / "old.json")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    entries = made(5)
    estimates = old_estimates(written(tmp_path))
    assert list(estimates) == list(NAMES)
    for name, one in estimates.items():
        assert (one.ratio, one.error) == pytest.approx((entries[name]["ratio"], entries[name]["error"]), rel=1e-15)
        assert {"to", "size", "cpu_seconds", "rounds"} <= set(entries[name])


def put(*keys: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


REFUSALS = {
    "loop": (put("loop", value="abc"), "another calibration loop (value: abc)", "loop"),
    "form": (put("form", value=0), "another form (value: 0)", "form"),
    "no form": (lambda data: data.pop("form"), "another form (value: none)", "form"),
    "processor": (put("machine", "processor", value="Z80"), "another processor (value: Z80)", "machine.processor"),
    "system": (put("machine", "system", value="CP/M"), "another system (value: CP/M)", "machine.system"),
    "no machine": (put("machine", value=None), "another processor (value: none)", "machine.processor"),
    "python": (put("versions", "python", value="3.9.1"), "another python (value: 3.9.1)", "versions.python"),
    "numba": (put("versions", "numba", value="0.1"), "another numba (value: 0.1)", "versions.numba"),
    "llvmlite": (put("versions", "llvmlite", value="0.1"), "another llvmlite (value: 0.1)", "versions.llvmlite"),
    "numpy": (put("versions", "numpy", value="0.1"), "another numpy (value: 0.1)", "versions.numpy"),
    "sizes": (put("small", value=True), "other sizes (value: small)", ""),
    "size": (put("ratios", "a", "size", value="3"), "workload a had another size", "ratios.a.size"),
    "no ratios": (put("ratios", value=[]), "not a file of ratios (value: it holds no ratios)", ""),
    "no number": (put("ratios", "f", "values", value=["x"]), "no positive number (value: x)", "ratios.f.values"),
    "a negative": (put("ratios", "f", "values", value=[1, -1]), "no positive number (value: -1)", "ratios.f.values"),
    "not a number": (put("ratios", "f", "values", value=[math.nan]), "no positive number (value: nan)", "f.values"),
    "no values": (put("ratios", "f", "values", value=[]), "no positive number (value: none)", "ratios.f.values"),
    "no entry": (put("ratios", "f", value=3), "no positive number (value: none)", "ratios.f"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_compared_is_refused(case: str, tmp_path: Path) -> None:
    change, what, where = REFUSALS[case]
    file = written(tmp_path, change)
    with pytest.raises(ResultError) as caught:
        old_estimates(file)
    text = str(caught.value)
    assert what in text
    assert text.startswith(f"{file}")
    assert where in text.partition("\n")[0]
    assert "Rule: " in text
    assert "Way out: " in text


def test_other_refusals(tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("benchmark", encoding="utf-8")
    with pytest.raises(ResultError, match="not a file of ratios"):
        old_estimates(str(tmp_path / "text.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ResultError, match="not a file of ratios"):
        old_estimates(str(tmp_path / "bytes.json"))
    file = written(tmp_path, lambda data: data["ratios"].pop("g"))
    assert "g" not in old_estimates(file)
    with pytest.raises(ResultError, match="no workload g"):
        old_estimates(file, ("g",))
    with pytest.raises(ResultError, match="other sizes") as caught:
        old_estimates(file, small=True)
    assert "Way out: leave --quick out" in str(caught.value)
    with pytest.raises(EngineError, match="unknown workload 'z'"):
        ratios(only=("z",), measure=noisy(1))


# -- the command ----


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Rounds of the command are made up, with these slowdowns."""

    def use(seed: int, slowdowns: Mapping[str, float] | None = None, share: float = 0.1) -> None:
        measure = noisy(seed, slowdowns, share)
        monkeypatch.setattr(measuring, "measured_round", lambda names, *, small: measure(names))

    return use


def test_the_command_ends_with_1_when_something_is_slower(made_up: Callable[..., None], tmp_path: Path) -> None:
    old, new = str(tmp_path / "old.json"), str(tmp_path / "new.json")
    made_up(1)
    ended = CliRunner().invoke(main, ["benchmark", "--ratios", "--json", old])
    assert ended.exit_code == 0, ended.output
    assert "round 1: g" in ended.stderr
    assert json.loads(Path(old).read_text("utf-8"))["loop"] in ended.stdout
    made_up(2)
    ended = CliRunner().invoke(main, ["benchmark", "--against", old])
    assert ended.exit_code == 0, ended.output
    assert "Nothing is slower than before." in ended.stdout
    made_up(3, {"ledger": 1.2, "h": 1.4})
    ended = CliRunner().invoke(main, ["benchmark", "--against", old, "--json", new, "--language", "da"])
    assert ended.exit_code == 1, ended.output
    assert "Langsommere end før: ledger, h." in ended.stdout
    assert ended.stdout.count("LANGSOMMERE") == 2
    assert json.loads(Path(new).read_text("utf-8"))["against"]["h"]["word"] == "slower"
    ended = CliRunner().invoke(main, ["benchmark", "--against", old, "--fail-slower", "1.8"])
    assert ended.exit_code == 0, "a slowdown below the half of what is not to go through"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fail-slower", "1.2"], "--fail-slower needs --against"),
        (["--ratios", "--threads", "2"], "--threads does not go with ratios"),
        (["--against", "there-is-none.json"], "No such file"),
        (["--against", ""], "name"),
        (["--ratios", "--only", "b"], "unknown workload 'b'"),
        (["--against", "x.json", "--fail-slower", "1"], "1<x<=10"),
    ],
)
def test_words_that_do_not_go_together(words: list[str], said: str) -> None:
    ended = CliRunner().invoke(main, ["benchmark", *words])
    assert ended.exit_code == 2
    assert said in ended.output


def test_tables_tell_what_is_new_gone_and_untold() -> None:
    results = ratios(only=("a", "f", "g"), measure=noisy(1, share=0.1))
    old = {name: Estimate((1.0, 1.6, 0.7, 1.2), "part") for name in ("a", "d")} | {"f": Estimate((1.0,) * 9, "part")}
    text = change_table(results, old, verdicts(results, old, 1.2), 1.2)
    rows = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in text.splitlines()[:4]}
    assert rows == {"workload": "answer", "a": "cannot be told", "f": "no slower", "g": "new"}
    assert "Too uncertain to tell on this machine now: a." in text
    assert "Not measured now, but before: d." in text
    assert "1.2 in a part, 1.4 in a command" in text
    error = f"{100 * results['ratios']['a']['error']:.1f} %".replace(".", ",")
    assert error in ratio_table(results, "da").replace("\N{NO-BREAK SPACE}", " ")


def test_processors_of_one_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two generations that virtual machines call alike: their ratios differ by up to a quarter."""
    lines = {"model name": "AMD EPYC", "cpu family": "26", "model": "2"}
    monkeypatch.setattr(machines, "_line", lambda _, key: lines.get(key, ""))
    assert machines.processor() == "AMD EPYC (family 26, model 2)"
    del lines["cpu family"], lines["model"]
    assert machines.processor() == "AMD EPYC"


def test_a_key_of_a_kernels_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: AMD EPYC\nmodel\t\t: 2\nmodel\t\t: 3\n", "utf-8")
    assert [machines._line(str(tmp_path / "cpuinfo"), key) for key in ("model", "model name", "mode")] == [
        "2",
        "AMD EPYC",
        "",
    ]
