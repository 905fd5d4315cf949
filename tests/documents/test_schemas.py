"""Anchored in the shipped files, which the readers accept: schemas accept them too, and refuse what readers refuse."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from costeff import bundled
from costeff.calibrate.targets import read_plan
from costeff.calibrate.validation_file import read_validation
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.evidence import read_evidence
from costeff.investment.read import read_case
from costeff.model import parameter_file, read_model, read_scenario
from costeff.model.country import read_country
from costeff.rules import load_rules
from costeff.study.schemas import KINDS, schema, schema_text
from costeff.trial.instruments import read_instrument
from costeff.trial.lens import read_lens
from costeff.trial.plan import read_plan as read_analysis_plan
from costeff.voi.trial_file import read_trial

ROOT = Path(__file__).resolve().parents[2]
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+/(\w+)\.schema\.json)")
FILES = sorted(
    path
    for folder in (
        "models",
        "parameters",
        "parameters/rules",
        "scenarios",
        "designs",
        "designs/lenses",
        "designs/instruments",
    )
    for path in (ROOT / folder).glob("*.yaml")
)
MODEL = read_model("tki2")
EVIDENCE = read_evidence(parameter_file(MODEL))
READERS = {
    "model": read_model,
    "parameters": read_evidence,
    "scenario": read_scenario,
    "case": read_case,
    "rules": lambda path: load_rules(path, MODEL, EVIDENCE),
    "country": read_country,
    "trial": lambda path: (read_trial(path), read_analysis_plan(path)),
    "lens": read_lens,
    "instrument": read_instrument,
    "targets": read_plan,
    "validation": read_validation,
}
ONE_OF_EACH = {
    "model": ROOT / "models/hiv.yaml",
    "parameters": ROOT / "parameters/sick_sicker_age.yaml",
    "scenario": ROOT / "scenarios/implied_ratio.yaml",
    "case": ROOT / "scenarios/tki2-aarhus-investment.yaml",
    "rules": ROOT / "parameters/rules/denmark.yaml",
    "country": ROOT / "parameters/countries/norway.yaml",
    "trial": ROOT / "designs/tki2_trial.yaml",
    "lens": ROOT / "designs/lenses/dream.yaml",
    "instrument": ROOT / "designs/instruments/eq5d5l_dk.yaml",
    "targets": ROOT / "parameters/tki2_targets.yaml",
    "validation": ROOT / "tests/data/calibration_validation.yaml",
}


def as_an_editor_reads(path: Path) -> Any:
    """The file as plain JSON values: YAML 1.2, dates as texts, years as keys."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))
    return json.loads(json.dumps(yaml.load(path.read_text(encoding="utf-8"))))


def complaints(kind: str, data: Any) -> list[str]:
    return [error.message for error in Draft7Validator(schema(kind)).iter_errors(data)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_schema_is_the_one_that_readers_make(kind: str) -> None:
    text = (ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert text == schema_text(kind), "run: python docs/schemas.py"
    Draft7Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_file_names_its_schema_and_fits_it(path: Path) -> None:
    found = MODELINE.fullmatch(path.read_text(encoding="utf-8").splitlines()[0])
    assert found is not None
    assert (path.parent / found[1]).is_file()
    assert complaints(found[2], as_an_editor_reads(path)) == []


@pytest.mark.parametrize(
    "path",
    sorted(set((ROOT / "tests" / "data").rglob("*.yaml")) - set((ROOT / "tests" / "data").rglob("bad_*.yaml"))),
    ids=lambda path: path.stem,
)
def test_files_of_other_tests_fit_too(path: Path) -> None:
    data = as_an_editor_reads(path)
    kinds = ("case", "scenario", "model", "validation", "rules")
    kind = next((kind for kind in kinds if kind in data), "parameters")
    assert complaints(kind, data) == []


def places(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every key of every mapping in a file, each kind of place once."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*above, key)
            yield from places(value, (*above, key))
    elif isinstance(data, list):
        for i, value in enumerate(data[:2]):
            yield from places(value, (*above, i))


def changed(data: Any, way: tuple[Any, ...], change: Any) -> Any:
    """A copy in which `change` was applied to the mapping above the last key."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for step in way[:-1]:
        inner = inner[step]
    change(inner, way[-1])
    return copy


def misspell(mapping: dict[str, Any], key: str) -> None:
    mapping[f"{key}_x"] = mapping.pop(key)


def mistype(mapping: dict[str, Any], key: str) -> None:
    mapping[key] = {"nested": [{"too": "deep"}]}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped folders, so that a changed file lies beside the tables that it names."""
    root = tmp_path_factory.mktemp("copies")
    for folder in ("models", "parameters", "scenarios", "designs"):
        shutil.copytree(ROOT / folder, root / folder)
    return root


def refused(kind: str, path: Path, data: Any) -> bool:
    """Whether the reader refuses the data in place of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    try:
        READERS[kind](path)
    except CosteffError:
        return True
    return False


@pytest.mark.parametrize("change", [misspell, mistype], ids=lambda change: change.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_schema_refuses_the_reader_refuses(kind: str, change: Any, copies: Path) -> None:
    """A misspelt key and a value of a wrong type, at some places throughout a file."""
    path = ONE_OF_EACH[kind]
    data = as_an_editor_reads(path)
    ways = list(places(data))
    tried = 0
    for way in ways[:: max(1, len(ways) // 10)]:
        wrong = changed(data, way, change)
        if complaints(kind, wrong):
            tried += 1
            assert refused(kind, copies / path.relative_to(ROOT), wrong), (
                way,
                "the schema refuses what the reader accepts",
            )
    assert tried >= 3


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("model", "within_cycle: ", "within_cycles: "),
        ("model", "cycle: year", "cycle: fortnight"),
        ("parameters", "kind: published", "kind: guess"),
        ("scenario", "model: tki2", "modell: tki2"),
        ("case", "first_year: ", "first_yaer: "),
    ],
)
def test_a_slip_that_an_editor_shows(kind: str, old: str, new: str, tmp_path: Path) -> None:
    text = ONE_OF_EACH[kind].read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "wrong.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert complaints(kind, as_an_editor_reads(tmp_path / "wrong.yaml"))


def test_the_command_prints_the_schema_and_refuses_another_kind() -> None:
    done = CliRunner().invoke(main, ["schema", "case"])
    assert json.loads(done.output) == schema("case")
    wrong = CliRunner().invoke(main, ["schema", "modell"])
    assert wrong.exit_code != 0
    assert "did you mean 'model'?" in wrong.output


def test_schemas_are_found_where_the_files_are() -> None:
    assert (bundled.data_dir("models").parent / "schemas" / "model.schema.json").is_file()
    assert parameter_file(MODEL).parent == bundled.data_dir("parameters")


def test_a_form_that_stands_in_many_places_is_written_once() -> None:
    """Twelve figures of a roll-out, and what a scenario sets, may each be a parameter: one definition holds it."""
    assert schema_text("scenario").count('"interval_approximate"') == 1
    assert schema("scenario")["properties"]["rollout"]["properties"]["kept"] == {"$ref": "#/definitions/figure"}
