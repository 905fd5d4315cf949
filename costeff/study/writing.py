"""Writes a result's files: all of them are made in a folder beside the target and moved in together, or none is."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import in_unit, told_per
from costeff.files import Written, write_folder, write_whole
from costeff.files.cells import write_csv
from costeff.reporting.run_facts import plain, versions, with_run
from costeff.study.decision.board import board_of
from costeff.study.decision.plain_board import plain_board
from costeff.study.decision.table import with_board
from costeff.study.groups.table import groups_frame
from costeff.study.pairwise_text import pairwise_frame
from costeff.study.summary import conventions_of, hashes, summary

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.study import ResultData


FLOW_AXES = ("draw", "strategy", "line", "year", "layer")
CHUNK = 64
"""Draws that are stored, and can be read, together."""


def write(
    result: ResultData,
    folder: str | os.PathLike[str],
    language: str,
    image: str | None = None,
    tables: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Written:
    """Report, workbook, netCDF, tidy CSVs and summary.json in `folder`; tells their names and what they replaced.

    `image` is the kind of still images of the report's figures, `tables` the kinds of files of its tables, `others`
    the scenarios that the report shows beside its own.
    Raises ResultError when the folder cannot be written, or images cannot be drawn; then nothing in it has changed.
    """
    with told_per(result.model.results_unit):
        return write_folder(folder, lambda draft: _write_all(result, draft, language, image, tables, others))


def _write_all(
    result: ResultData, folder: Path, language: str, image: str | None, tables: Sequence[str], others: Sequence[str]
) -> None:
    from costeff.reporting.workbook.content_of_result import workbook_content
    from costeff.reporting.workbook.write import write_workbook
    from costeff.study.report.content_of_result import content
    from costeff.study.report.report import report_page
    from costeff.study.still.files import write_figure_images, write_tables

    numbers: dict[str, Any] = {}
    tidy: dict[str, pd.DataFrame] = {}

    stores: list[Future[None]] = []

    def write_tables_of_result() -> None:
        stores.append(beside.submit(_store, result, dataset(result), folder / "results.nc"))
        numbers.update(summary(result))
        tidy.update(frames(result, numbers["perspectives"]))
        for name, frame in tidy.items():
            write_csv(frame, folder / f"{name}.csv")

    with ThreadPoolExecutor(1) as beside:  # the netCDF library lets Python go on while it writes
        report_content = content(result, language, others, write_tables_of_result)
        page, figures = report_page(report_content, language)
        write_whole(page, folder / "report.html")
        write_workbook(with_board(workbook_content(result), board_of(result)), folder / "workbook.xlsx", language)
        for store in stores:
            store.result()
    if numbers["decision"] is not None:  # the report has completed it
        numbers["decision"] = plain_board(board_of(result))
    if image:
        write_figure_images(figures, folder, image)
    if tables:
        write_tables(page, tidy, folder, tables, (report_content.title[language], report_content.scenario, language))
    write_csv(report_content.tornado, folder / "tornado.csv")
    if report_content.tornado_even is not None and len(report_content.tornado_even):
        write_csv(report_content.tornado_even, folder / "tornado_break_even.csv")
    if report_content.delivery is not None and len(report_content.delivery):
        write_csv(report_content.delivery, folder / "reached.csv")
    if report_content.beside is not None:
        write_csv(report_content.beside.drop(columns="title"), folder / "scenarios.csv")
    if report_content.groups is not None:
        write_csv(groups_frame(report_content.groups), folder / "groups.csv")
    text = json.dumps(with_run(numbers), indent=1, allow_nan=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def _store(result: ResultData, data: xr.Dataset, path: Path) -> None:
    """Write a netCDF file; OSError when the disk is full."""
    try:
        data.to_netcdf(path, engine="netcdf4")
        if result.streamed is not None:
            _stream_flows(result, path)
    except RuntimeError as error:  # what the netCDF library makes of a full disk
        raise OSError(f"{path.name}: {error}") from error


def layers_of(result: ResultData) -> list[int]:
    """Where the layers of results.nc stand among those of a run."""
    return [0, result.simulated.layer_cost, result.simulated.layer_effect]


def flow_unit(result: ResultData) -> str:
    """The unit of `flow`."""
    with told_per(result.model.results_unit):
        return in_unit(f"{result.model.conventions.currency} per individual")


def _stream_flows(result: ResultData, path: Path) -> None:
    """Put `flow` into a netCDF file that holds all else, part by part and chunked by draws."""
    import netCDF4

    assert result.streamed is not None
    with netCDF4.Dataset(path, "a") as file:
        sizes = [len(file.dimensions[name]) for name in FLOW_AXES]
        chunks = [min(CHUNK, sizes[0]), *sizes[1:]]
        flow = file.createVariable("flow", "f8", FLOW_AXES, fill_value=np.nan, chunksizes=chunks)
        flow.coordinates = "item payer recipient"
        flow.unit = flow_unit(result)
        low = 0
        for part in result.streamed.spool.parts():
            flow[low : low + len(part)] = part[..., layers_of(result)]
            low += len(part)


def dataset(result: ResultData) -> xr.Dataset:
    """Everything by draw: flows, effects, parameters; and the mean trace and first passages.

    Without the flows of a run that is not held whole (`result.streamed`): they are written from their file.
    """
    import xarray as xr

    lines = result.simulated.layout.lines
    layers = ["undiscounted", "discounted_cost", "discounted_effect"]
    years = next(iter(result.totals.cost_by_year.values())).shape[-1]
    parameters = list(result.parameters)
    values = np.stack([np.broadcast_to(result.parameters[name], (result.draws,)) for name in parameters], axis=1)
    flow = {} if result.streamed else {"flow": (FLOW_AXES, result.flows.amount[..., layers_of(result)])}
    out = xr.Dataset(
        {
            **flow,
            "effect": (("draw", "strategy", "effect_name"), result.effects.value),
            "parameter": (("draw", "parameter_name"), values),
            "trace": result.trace,
            "passage_share": result.passages,
        },
        coords={
            "draw": np.arange(result.draws),
            "strategy": list(result.strategies),
            "layer": layers,
            "year": np.arange(1, years + 1),
            "effect_name": list(result.effects.names),
            "parameter_name": parameters,
            "item": ("line", [line.item for line in lines]),
            "payer": ("line", [line.payer for line in lines]),
            "recipient": ("line", [line.recipient for line in lines]),
        },
    )
    if result.streamed is None:
        out["flow"].attrs = {"unit": flow_unit(result)}
    out.attrs = {
        "provenance": json.dumps(
            {
                "model": result.model.name,
                "scenario": result.study.scenario.name,
                "seed": result.seed,
                "individuals": result.individuals,
                "conventions": {k: str(v) for k, v in conventions_of(result).items()},
                "versions": versions(),
                "hashes": hashes(result),
            }
        )
    }
    return out


def frames(result: ResultData, by_perspective: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Tidy tables by file name: one observation per row, names in columns; `by_perspective` as the summary has it."""
    import pandas as pd

    from costeff.analysis import result_tables as tables

    perspectives = [p.name for p in result.model.perspectives]
    icer = [{"perspective": name} | row for name in perspectives for row in by_perspective[name]["icer_table"]]
    curves = [
        {"perspective": name, "strategy": s, "wtp": w, "measure": measure, "probability": p}
        for name in perspectives
        for measure in ("probability", "probability_noise_corrected")
        for s, probabilities in by_perspective[name]["ceac"].get(measure, {}).items()
        for w, p in zip(by_perspective[name]["ceac"]["wtp"], probabilities, strict=True)
    ]
    by_year = pd.concat([tables.cost_by_year(result, name).assign(perspective=name) for name in perspectives])
    return {
        "icer_table": pd.DataFrame(icer),
        "pairwise": pairwise_frame(result),
        "ceac": pd.DataFrame(curves, columns=["perspective", "strategy", "wtp", "measure", "probability"]),
        "cost_by_year": by_year[["perspective", "strategy", "year", "cost", "mcse", "increment", "increment_mcse"]],
        "parties": unlabelled(tables.parties(result)),
        "items": unlabelled(tables.items(result)),
        "effects": unlabelled(tables.effects_table(result)),
        "time_to_event": tables.medians(result),
        "trace": result.trace.to_dataframe().reset_index(),
        "passages": result.passages.rename("share").to_dataframe().reset_index(),
        "draws": pd.DataFrame({name: np.broadcast_to(v, (result.draws,)) for name, v in result.parameters.items()}),
        "parameters": result.study.evidence.parameter_table(),
    }


def unlabelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Labels in English as text, numbers plain."""
    out = frame.copy()
    if "label" in out:
        out["label"] = [label.en for label in out["label"]]
    return out.map(plain)
