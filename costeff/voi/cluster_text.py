"""What a study in clusters can see, as text and as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from costeff.voi.clusters import Clusters, clusters_wanted, power
from costeff.voi.trial_cells import Cells


@dataclass(frozen=True)
class Detection:
    """The chance of a study to see a difference in an endpoint, over what the correlation may be."""

    endpoint: str
    difference: float
    power: float
    lowest: float
    highest: float
    clusters_wanted: int | None


def detections(clusters: Clusters, cells: Cells, endpoints: list[str], participants: float) -> list[Detection]:
    """One for each difference that the design looks for, between the last group that measures it and the first."""
    rows = []
    for name, difference in clusters.detects.items():
        at = endpoints.index(name)
        own = [c for c, cell in enumerate(cells.names) if cell.startswith(f"'{endpoints[at]}' in ")]
        ends = (own[0], own[-1])
        chances = power(clusters, cells, ends, participants, difference)
        rows.append(
            Detection(name, difference, *chances, clusters_wanted(clusters, cells, ends, participants, difference))
        )
    return rows


def printed_clusters(clusters: Clusters, rows: list[Detection], participants: float) -> str:
    """How many people the participants count as, and what the study could see."""
    low, high = clusters.icc.interval()
    few, many = (float(clusters.counts_as(participants, x)) for x in (high, low))
    middle = float(clusters.counts_as(participants, clusters.correlations()).mean())
    lines = [
        f"In {clusters.number} clusters, of which {clusters.icc.value:.3g} of the variance lies between them "
        f"({low:.2g} to {high:.2g}; {clusters.icc.kind}): {participants:,.0f} participants count as {middle:,.0f} "
        f"({few:,.0f} to {many:,.0f}). Values are averaged over that share."
    ]
    for row in rows:
        number = "more clusters than can be had" if row.clusters_wanted is None else f"{row.clusters_wanted:,} clusters"
        lines.append(
            f"Power to see {row.difference:+.3g} in '{row.endpoint}' (two-sided test of cluster means at 5 %): "
            f"{100 * row.power:.0f} % ({100 * row.lowest:.0f} to {100 * row.highest:.0f}); 80 % would take {number} of "
            "this size"
        )
    return "\n".join(lines)


def cluster_content(clusters: Clusters, rows: list[Detection]) -> dict[str, Any]:
    """What JSON holds of the clusters."""
    from dataclasses import asdict

    low, high = clusters.icc.interval()
    icc = {"value": clusters.icc.value, "lo": low, "hi": high, "kind": clusters.icc.kind, "note": clusters.icc.note}
    return {"number": clusters.number, "icc": icc, "detects": [asdict(row) for row in rows]}
