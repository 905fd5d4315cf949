"""The script of golden numbers sees what it must: one price changed in its last digit, and a number that is missing."""

import csv
import math
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from costeff.cli import main

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "golden"))

from golden import compare, compared, renamed  # noqa: E402
from numbers_of_files import cells_of  # noqa: E402
from runs import all_runs  # noqa: E402

RUN = ("--draws", "8", "--seed", "5", "--quiet", "--out")


def _side(folder: Path, scale: str) -> Path:
    """The outputs of Sick-Sicker with the scale of the gamma that draws the cost of the healthy state as given."""
    folder.mkdir()
    model = (ROOT / "models" / "sick_sicker.yaml").read_text(encoding="utf-8")
    text = (ROOT / "parameters" / "sick_sicker.yaml").read_text(encoding="utf-8")
    changed, count = re.subn(r"(c_H: .* scale: )20\}", rf"\g<1>{scale}}}", text)
    assert count == 1
    (folder / "prices.yaml").write_text(changed, encoding="utf-8")
    model = model.replace("parameters: sick_sicker", "parameters: prices.yaml")
    (folder / "model.yaml").write_text(model, encoding="utf-8")
    (folder / "mine.yaml").write_text("scenario: mine\nmodel: model.yaml\n", encoding="utf-8")
    out = folder / "golden" / "run" / "files"
    ended = CliRunner().invoke(main, ["run", str(folder / "mine.yaml"), *RUN, str(out)])
    assert ended.exit_code == 0, ended.output
    return folder / "golden"


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    last = repr(math.nextafter(20.0, math.inf))
    folder = tmp_path_factory.mktemp("golden")
    return _side(folder / "a", "20"), _side(folder / "b", "20"), _side(folder / "c", last)


def test_equal_builds_are_equal_and_numbers_are_many(sides, capsys):
    rules = [r"/(run|kernels)(:|/)", "mine.yaml"]
    assert compare(sides[0], sides[1], {}, rules, None) == 0
    told = capsys.readouterr().out
    assert int(re.search(r"In all (\d+) numbers equal; none moved", told)[1]) > 500


def test_one_price_changed_in_its_last_digit_is_seen(sides, capsys):
    assert compare(sides[0], sides[2], {}, [".*"], None) == 1
    told = capsys.readouterr().out
    assert re.search(r"number files/tornado\.csv/\d+/low_value: 1627\.\d+ -> 1627\.\d+", told)


def test_a_missing_number_is_seen(sides):
    cells = cells_of(sides[0])
    place = next(place for place, (kind, _) in cells.items() if kind == "number")
    rest = {key: cell for key, cell in cells.items() if key != place}
    assert compared(cells, rest, {}).moved == [f"{place}: {cells[place][1]} -> (missing)"]
    assert compared(rest, cells, {}).moved == [f"{place}: (missing) -> {cells[place][1]}"]


def test_nothing_on_either_side_fails(tmp_path):
    for side in ("old", "new"):
        (tmp_path / side / "run").mkdir(parents=True)
    assert compare(tmp_path / "old", tmp_path / "new", {}, [".*"], None) == 1


def test_a_name_changed_on_purpose_is_followed_and_two_names_for_one_are_refused():
    old, new = {"a.csv/0/cost_mcse": ("number", "1")}, {"a.csv/0/cost_error": ("number", "1")}
    assert compared(old, new, {"cost_mcse": "cost_error"}).numbers == 1
    assert compared(old, new, {}).moved
    assert renamed("costs cost", {"cost": "spend"}) == "costs spend"
    with pytest.raises(ValueError, match="one name"):
        compared({"a": ("number", "1"), "b": ("number", "2")}, {}, {"a": "b"})


def test_the_committed_mapping_and_the_names_of_runs_are_sound():
    with (ROOT / "tests" / "golden" / "names.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len({row["new"] for row in rows}) == len(rows)
    names = [run.name for run in all_runs()]
    assert len(set(names)) == len(names)
