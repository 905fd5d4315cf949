"""Twin of costeff.calibrate.lives: every statistic of a target by hand, cycle by cycle. Plain Python, no costeff.

A life is a list of stays (state, entry, exit, reason): in `state` in the cycles entry .. exit - 1, then the event
named `reason`; the stays tile 0 .. horizon and the last one goes on. Every function gives a list with one entry per
life: None where the life is not in the denominator, else 0 or 1, or a number of events.
"""


def cycles(life, many):
    """The state in each of the cycles 0 .. many - 1."""
    states = []
    for state, entry, exit_, _ in life:
        states += [state] * (exit_ - entry)
    return (states + [life[-1][0]] * many)[:many]


def passage(states, inside, stay, since=0):
    """The first cycle from `since` on that begins `stay` cycles in a row in states `inside`; None without one."""
    for k in range(since, len(states) - stay + 1):
        if all(state in inside for state in states[k : k + stay]):
            return k
    return None


def status(state, states, among):
    """None outside the denominator `among` (everyone when empty), else whether in `states`."""
    if among and state not in among:
        return None
    return int(state in states)


def state_share(lives, states, at, among=()):
    return [status(cycles(life, at + 1)[at], states, among) for life in lives]


def state_share_after(lives, inside, stay, within, follow, states, among=()):
    values = []
    for life in lives:
        every = cycles(life, within + follow + stay + 1)
        k = passage(every, inside, stay)
        values.append(None if k is None or k >= within else status(every[k + follow], states, among))
    return values


def passage_after(lives, first, first_stay, within, inside, stay, follow):
    values = []
    for life in lives:
        every = cycles(life, within + first_stay + follow + stay)
        k = passage(every, first, first_stay)
        if k is None or k >= within:
            values.append(None)
            continue
        then = passage(every, inside, stay, since=k)
        values.append(int(then is not None and then - k < follow))
    return values


def passage_window(lives, inside, stay, begin, end, dead=None, among=()):
    """`dead`: the states of the dead when only those at risk count."""
    values = []
    for life in lives:
        every = cycles(life, end + stay)
        k = passage(every, inside, stay)
        before = k is not None and k < begin
        if (dead is not None and (before or every[begin] in dead)) or (among and every[begin] not in among):
            values.append(None)
        else:
            values.append(int(k is not None and begin <= k < end))
    return values


def event_count(lives, reasons, begin, end):
    """An event that ends a stay at cycle k happens in cycle k - 1 (in cycle 0 when k is 0)."""

    def counts(exit_, reason):
        return reason in reasons and begin <= max(exit_ - 1, 0) < end

    return [sum(counts(exit_, reason) for _, _, exit_, reason in life) for life in lives]


def status_among_left(lives, origins, at, states, among=()):
    values = []
    for life in lives:
        every = cycles(life, at + 1)
        out = [k for k in range(1, at + 1) if every[k - 1] in origins and every[k] not in origins]
        values.append(status(every[at], states, among) if out else None)
    return values


def share(values):
    """Share with half a person added on both sides."""
    counted = [v for v in values if v is not None]
    return (sum(counted) + 0.5) / (len(counted) + 1)


def mean(values):
    return max(sum(values) / len(values), 0.5 / len(values))


def variance(values):
    middle = sum(values) / len(values)
    return max(sum((v - middle) ** 2 for v in values) / (len(values) - 1), 0.5 / len(values))


def odds_ratio(values, first, second):
    """`first` and `second` say of each life whether it is in that group."""
    p, q = (share([v for v, member in zip(values, group, strict=True) if member]) for group in (first, second))
    return (p / (1 - p)) / (q / (1 - q))
