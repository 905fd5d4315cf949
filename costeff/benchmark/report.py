"""The benchmark's results as lines of text."""

from __future__ import annotations

from typing import Any

from costeff.benchmark.workloads import WORKLOADS


def printed(results: dict[str, Any]) -> str:
    """A short table: one line per workload, with what it ran and what the numbers are relative to."""
    on = results["machine"]
    lines = [
        f"{on['processor']}, {on['cores']} cores, {on['memory_gb']:g} GB, load {on['load_average'][0]:g}, "
        f"{on['date']}; " + ", ".join(f"{name} {v}" for name, v in results["versions"].items()),
        f"this machine now: {on['parallel_capacity']:.2f} times one thread, for work that shares nothing",
        "first call, kernels in the cache: "
        f"{results['compile']['warm_seconds']:.1f} s"
        + (
            f"; compiled anew: {results['compile']['cold_seconds']:.1f} s"
            if "cold_seconds" in results["compile"]
            else ""
        ),
    ]
    for letter, work in results["workloads"].items():
        lines += ["", f"{letter}  {WORKLOADS[letter].title}", *(f"   {line}" for line in _lines(work))]
    return "\n".join(lines)


def _lines(work: dict[str, Any]) -> list[str]:
    size = ", ".join(f"{work[k]:,} {k}" for k in ("draws", "individuals", "strategies", "cycles") if k in work)
    lines = [
        f"{size}: {work['seconds']:.3g} s (least {work['seconds_min']:.3g}), {work['peak_mb']:,.0f} MB, "
        f"{work['threads']} threads"
    ]
    if work.get("extrapolated"):
        lines.append(f"all {work['draws_wanted']:,} draws would take {work['seconds_at_full_size']:.3g} s at this rate")
    if "person_cycles_per_second" in work:
        lines.append(f"{work['person_cycles_per_second']:.3g} person-cycles a second, whole call")
    if "kernel_seconds" in work:
        lines.append(
            f"kernel alone: {work['kernel_person_cycles_per_second']:.3g} person-cycles a second, "
            f"{work['ns_per_sojourn_per_thread']:.0f} ns a stay and thread "
            f"(one thread, at best: {work['ns_per_sojourn_one_thread_min']:.0f}), "
            f"{work['sojourns_per_life']:.1f} stays a life"
        )
        lines.append(
            f"{work['ratio_to_stepping']:.1f} times the stepping kernel, "
            f"{'the same answers' if work['same_as_stepping'] else 'OTHER ANSWERS'}; "
            f"{work['ratio_to_weekly']:.1f} times stepping with numbers of each cycle"
        )
    if "threads_over_one_thread" in work:
        lines.append(f"{work['threads']} threads: {work['threads_over_one_thread']:.2f} times one thread")
    if "draw_cycles_per_second" in work:
        lines.append(f"{work['draw_cycles_per_second']:.3g} draw-cycles a second")
    return lines
