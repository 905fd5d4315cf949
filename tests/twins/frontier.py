"""Twin of costeff.analysis.frontier: the definitions, tried on every pair and mix, in plain exact fractions.

Imports nothing from costeff. Slow on purpose: no sorting trick, no running maximum, no stack.
"""

from fractions import Fraction


def frontier(cost, gain, comparator=0):
    """List of (status, against) for each strategy; `gain` has more better; numbers are taken exactly."""
    points = [(Fraction(c), Fraction(g)) for c, g in zip(cost, gain, strict=True)]
    everyone = range(len(points))

    def dominated(s):
        return any(
            points[t] != points[s] and points[t][0] <= points[s][0] and points[t][1] >= points[s][1] for t in everyone
        )

    def mixed_out(s):
        """Two others can be mixed to the same gain at a lower cost."""
        for t in everyone:
            for u in everyone:
                if points[t][1] < points[s][1] < points[u][1]:
                    share = (points[s][1] - points[t][1]) / (points[u][1] - points[t][1])
                    if (1 - share) * points[t][0] + share * points[u][0] < points[s][0]:
                        return True
        return False

    def stands_for_its_point(s):
        twins = [t for t in everyone if points[t] == points[s]]
        return s == (comparator if comparator in twins else twins[0])

    on = [s for s in everyone if not dominated(s) and not mixed_out(s) and stands_for_its_point(s)]
    by_cost = sorted(on, key=lambda s: points[s][0])
    if len(points) == 2 and by_cost == [1 - comparator, comparator]:
        rows = {comparator: ("reference", None), 1 - comparator: ("less costly, less effective", comparator)}
        return [rows[s] for s in everyone]

    result = []
    for s in everyone:
        if s in on:
            cheaper = [t for t in by_cost if points[t][0] < points[s][0]]
            result.append(("efficient", cheaper[-1]) if cheaper else ("reference", None))
            continue
        against = [t for t in by_cost if points[t][0] <= points[s][0]][-1]
        if points[against] == points[s]:
            status = "equal"
        elif dominated(s):
            status = "equal effect" if points[against][1] == points[s][1] else "dominated"
        else:
            status = "extendedly dominated"
        result.append((status, against))
    return result
