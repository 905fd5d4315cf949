"""Anchored in what a wheel holds: an installed package and a checkout laid out by hand find the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from costeff import bundled
from costeff.errors import ScenarioError


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder as a wheel lays it out, with two models."""
    package = tmp_path / "site-packages" / "costeff"
    for kind in bundled.KINDS:
        (package / "_bundled" / bundled.FOLDERS.get(kind, kind)).mkdir(parents=True, exist_ok=True)
    for name in ("tki2", "other"):
        (package / "_bundled" / "models" / f"{name}.yaml").write_text(f"name: {name}\n")
    (package / "_bundled" / "models" / "table.csv").write_text("a,b\n")
    monkeypatch.setattr(bundled, "_PACKAGE", package)
    return package


def test_installed(installed: Path) -> None:
    assert bundled.data_dir("models") == installed / "_bundled" / "models"
    assert bundled.available("models") == ("other", "tki2")
    assert bundled.available("scenarios") == ()
    assert bundled.resolve("models", "tki2") == installed / "_bundled" / "models" / "tki2.yaml"


def test_checkout_only_when_it_names_costeff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "costeff")
    for text in (None, "not toml [", 'project = "costeff"', '[project]\nname = "another"'):
        if text is not None:
            (tmp_path / "pyproject.toml").write_text(text)
        with pytest.raises(ScenarioError, match="missing"):
            bundled.data_dir("models")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "costeff"')
    assert bundled.data_dir("models") == tmp_path / "models"


def test_working_directory_is_never_searched(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\n")
    (tmp_path / "tki2.yaml").write_text("name: a stray one\n")
    monkeypatch.chdir(tmp_path)
    assert bundled.resolve("models", "tki2").parent == installed / "_bundled" / "models"
    with pytest.raises(ScenarioError, match="no shipped file"):
        bundled.resolve("models", "mine")
    assert bundled.resolve("models", "mine.yaml").read_text() == "name: mine\n"
    assert bundled.resolve("models", Path("mine.yaml")) == Path("mine.yaml")


@pytest.mark.parametrize("name", ["tki", "TKI2", "tik2"])
def test_missing_name_offers_the_closest(installed: Path, name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        bundled.resolve("models", name)
    assert "available: other, tki2" in str(caught.value)
    assert "did you mean 'tki2'" in str(caught.value)


def test_missing_path_offers_its_neighbour(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "aarhus.yaml").write_text("name: x\n")
    with pytest.raises(ScenarioError) as caught:
        bundled.resolve("models", str(tmp_path / "arhus.yaml"))
    assert "did you mean 'aarhus.yaml'" in str(caught.value)
    assert str(tmp_path / "arhus.yaml") in str(caught.value)
    with pytest.raises(ScenarioError, match="folder"):
        bundled.resolve("models", tmp_path)


@pytest.mark.parametrize("name", ["", "..", ".", "table", "table.csv", "*", "tki2\0"])
def test_odd_names_are_refused(installed: Path, name: str) -> None:
    with pytest.raises(ScenarioError, match="no shipped file"):
        bundled.resolve("models", name)


def test_unknown_kind() -> None:
    with pytest.raises(ScenarioError, match="unknown kind"):
        bundled.data_dir("../models")


def test_the_repository_ships_every_kind() -> None:
    """Whatever way this costeff is installed, in a process that starts elsewhere."""
    code = "from costeff.bundled import KINDS, data_dir; print(*[data_dir(kind).is_dir() for kind in KINDS])"
    root = Path(bundled.__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["True"] * len(bundled.KINDS)


def test_wheel_layout(tmp_path: Path) -> None:
    """hatchling puts the folders where data_dir looks: build a small copy of this project, open it."""
    root = Path(bundled.__file__).parents[1]
    copy = tmp_path / "copy"
    folders = [bundled.FOLDERS.get(kind, kind) for kind in bundled.KINDS]
    for folder in folders:
        (copy / folder).mkdir(parents=True, exist_ok=True)
        (copy / folder / "small.yaml").write_text("name: small\n")
    (copy / "schemas").mkdir()
    (copy / "schemas" / "small.schema.json").write_text("{}\n")
    shutil.copytree(root / "costeff", copy / "costeff", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(root / name, copy)
    (copy / "README.md").write_text("# copy\n")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=copy,
        capture_output=True,
        text=True,
        check=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"costeff/_bundled/{folder}/small.yaml" for folder in folders} <= set(names)
    assert not [
        name for name in names if name.split("/")[0] not in ("costeff", wheel.name.split("-py3")[0] + ".dist-info")
    ]
