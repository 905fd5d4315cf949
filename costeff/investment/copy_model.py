"""A shipped model as a file of one's own, with its parameters and tables, so that it can be changed."""

from __future__ import annotations

import re
from pathlib import Path

from costeff import bundled
from costeff.files import write_folder, write_whole
from costeff.investment.new import check_free
from costeff.model import parameter_file, read_model

FIGURES = "parameters.yaml"
_SCHEMA = re.compile(r"\A# yaml-language-server: .*\n")
_TABLE = re.compile(r"\bfile: *([\w.-]+\.csv)")


def copy_model(name: str, path: Path) -> list[Path]:
    """Write a shipped model to `path`, and its parameters and tables into a folder beside it; returns the files.

    The copy is a model of its own name that reads its own figures. Raises ScenarioError for an unknown model, or where
    a file is there already.
    """
    check_free(path)
    model = read_model(name)
    source = bundled.data_dir("models") / f"{name}.yaml" if not bundled.is_path(name) else Path(name)
    figures = parameter_file(model)
    folder = path.with_name(f"{path.stem}_figures")
    check_free(folder / FIGURES)
    own_name = re.sub(r"\W+", "_", path.stem)
    text = _SCHEMA.sub("", source.read_text(encoding="utf-8"))
    text = re.sub(r"(?m)^model: .*$", f"model: {own_name}", text, count=1)
    text = re.sub(r"(?m)^parameters: .*$", f"parameters: {folder.name}/{FIGURES}", text, count=1)
    figure_text = _SCHEMA.sub("", figures.read_text(encoding="utf-8"))
    tables = tuple(dict.fromkeys(_TABLE.findall(figure_text)))

    def fill(draft: Path) -> None:
        (draft / FIGURES).write_text(figure_text, encoding="utf-8")
        for table in tables:
            (draft / table).write_bytes((figures.parent / table).read_bytes())

    write_folder(folder, fill, kind="model")
    return [write_whole(text, path), folder / FIGURES, *(folder / table for table in tables)]
