"""Draws hold-outs of the calibration of usual care by lot: whole papers, never one figure of a paper.

    python tests/calibration_lot.py

The seed stands here, before any draw was made of it; nothing is fitted or simulated. Papers are put in the order of a
hash of seed, number of the lot and name, and the first ones are drawn, so that anyone can draw the lot again. A lot
that takes more than MOST figures is drawn again. What is printed ends with a hash of the lot.

Only papers whose figures all have a size or an interval that somebody printed, and that were read first-hand, may be
drawn: a hold-out is judged by its own interval, which must not be an assumption of ours. This rule was written on
2026-11-29, before the lot was drawn under it; the lot before (biering_2012, hoff_2021, ip_denmark_2022, kruse_2009,
lund_2008, lunde_2020) held second-hand sources and sizes that were not seen, and nothing had been fitted to it.

The hold-outs are not blind: how the shipped model misses many of them is printed in the evidence. Papers that suggested
a change of the model's structure are kept out of the lot, since the changed model was made to meet them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from costeff.calibrate import Target, read_plan

TARGETS = Path(__file__).parents[1] / "parameters" / "tki2_targets.yaml"
SEED = 20261129
PAPERS = 6
MOST = 15
PRINTED = re.compile("adjusted (odds|prevalence) ratio|interval of the (paper|table)")
"""What the note of a figure without `n` says when its interval is the source's own."""
SAME_PAPER = {"cited_in_bitsch_2018": "bitsch_2018"}
"""Sources that are one paper with another."""
SUGGESTED = {
    "smedegaard_2017": "too many new absences, read rightly: absences that begin inside the model are lighter",
    "hjorth_2024": "self-support and sick leave ten years on: a late step of relapse; gravity of cancers",
    "rosendahl_2024": "out of work again within five years: a late step of relapse",
    "roelen_2011": "a share of cancers that never returns",
    "carlsen_2013": "colorectal against breast cancer: gravity of cancers",
    "rorth_2016": "heart failure apart from infarction",
    "jorgensen_2022": "heart failure apart from infarction",
    "pedersen_2020": "pension in the first year of the gravest",
    "nb_2019": "exits from the resource course",
    "da_2018": "exits from the resource course",
    "bm_2017": "exits from job clarification that the model lacks",
}
"""Sources that suggested a change of structure, and which."""


def figures() -> dict[str, tuple[str, ...]]:
    """The names of the figures of every paper, in the order of the file."""
    names: dict[str, tuple[str, ...]] = {}
    for target in read_plan(TARGETS).targets:
        paper = SAME_PAPER.get(target.source, target.source)
        names[paper] = (*names.get(paper, ()), target.name)
    return names


def measured(target: Target) -> bool:
    """Whether the figure's error was printed: by the number of people, or as an interval."""
    return target.n is not None or PRINTED.search(target.note) is not None


def judged() -> set[str]:
    """The papers that may be drawn as far as their figures go: read first-hand, and every error printed."""
    plan = read_plan(TARGETS)
    second_hand = {name for name, source in plan.sources.items() if "second-hand" in source.note}
    unfit = second_hand | {target.source for target in plan.targets if not measured(target)}
    return set(figures()) - {SAME_PAPER.get(name, name) for name in unfit}


def drawable() -> dict[str, tuple[str, ...]]:
    """The papers among which the lot is drawn, with their figures."""
    fit = judged()
    return {name: names for name, names in figures().items() if name in fit and name not in SUGGESTED}


def lots(papers: Mapping[str, tuple[str, ...]], seed: int, size: int) -> Iterator[tuple[str, ...]]:
    """One lot of `size` papers after another."""
    for number in range(1000):
        yield tuple(sorted(papers, key=lambda name: digest(f"{seed} {number} {name}"))[:size])


def draw(
    papers: Mapping[str, tuple[str, ...]], seed: int = SEED, size: int = PAPERS, most: int = MOST
) -> tuple[tuple[str, ...], int]:
    """The first lot that takes at most `most` figures, and how many were drawn before it."""
    for drawn, lot in enumerate(lots(papers, seed, size)):
        if sum(len(papers[name]) for name in lot) <= most:
            return lot, drawn
    raise ValueError(f"no lot of {size} papers takes {most} figures or fewer")


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def main() -> None:
    """Print who may be drawn, who may not and why, and the lot with its hash."""
    everyone = figures()
    eligible = drawable()
    print(f"seed {SEED}; {len(everyone)} papers with {sum(map(len, everyone.values()))} figures")
    print(f"kept out, since they suggested a change of structure ({len(SUGGESTED)}):")
    for name, reason in SUGGESTED.items():
        print(f"  {name} ({len(everyone[name])}): {reason}")
    unfit = [name for name in everyone if name not in SUGGESTED and name not in eligible]
    print(f"kept out, since an error or the source itself was not seen ({len(unfit)}): {', '.join(unfit)}")
    print(f"may be drawn ({len(eligible)}): {', '.join(f'{name} ({len(eligible[name])})' for name in eligible)}")
    lot, refused = draw(eligible)
    text = "\n".join(f"{name}: {', '.join(eligible[name])}" for name in sorted(lot))
    count = sum(len(eligible[name]) for name in lot)
    print(f"lot {refused + 1} ({refused} took more than {MOST} figures): {len(lot)} papers, {count} figures\n{text}")
    print(f"sha256 {digest(text)}")


if __name__ == "__main__":
    main()
