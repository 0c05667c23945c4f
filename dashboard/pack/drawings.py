"""Drawings: charts as SVG, written by hand so that equal numbers make equal bytes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape

from dashboard.charts import LIGHT, Step
from dashboard.formats import short_month

WIDTH = 960
_BAR = 27
_NAMES = 170  # room for a bridge's labels
_AMOUNTS = 80  # and for the number behind a bar
_HEIGHT = 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 30, 10, 52
_TICKS = 4
_DASHES = ("", "7 3", "2 2", "9 3 2 3")
_QUIET = "#dfe3ec"

Points = Mapping[str, Sequence[tuple[date, int]]]


def bridge(steps: Sequence[Step], words: str) -> str:
    """Draw the bridge top to bottom, each bar with its label and number."""
    ends = [0, *(each.start for each in steps), *(each.end for each in steps)]
    low, high = min(ends), max(ends)
    room = WIDTH - _NAMES - 2 * _AMOUNTS
    colours = {"total": LIGHT.total, "up": LIGHT.up, "down": LIGHT.down}

    def place(amount: int) -> float:
        return _NAMES + _AMOUNTS + room * (amount - low) / ((high - low) or 1)

    drawn = []
    for row, step in enumerate(steps):
        left, right = sorted((place(step.start), place(step.end)))
        middle = row * _BAR + _BAR / 2 + 4
        drawn += [
            _text(_NAMES - 8, middle, step.label, anchor="end"),
            (
                f'<rect x="{left:.1f}" y="{row * _BAR + 4}" height="{_BAR - 8}"'
                f' width="{max(right - left, 1):.1f}" fill="{colours[step.kind]}"/>'
            ),
            _text(right + 6, middle, step.shown),
        ]
    return _drawing(drawn, len(steps) * _BAR, words)


def lines(series: Points, write: Callable[[int], str], words: str) -> str:
    """Draw up to four lines over months, told apart by colour and by dash."""
    days = sorted({day for points in series.values() for day, _ in points})
    values = [value for points in series.values() for _, value in points]
    ticks = _ticks(min(values), max(values))
    room, height = WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def across(day: date) -> float:
        return _LEFT + room * days.index(day) / max(len(days) - 1, 1)

    def down(value: int) -> float:
        return _TOP + height * (ticks[-1] - value) / (ticks[-1] - ticks[0])

    drawn = []
    for tick in ticks:
        drawn += [
            (
                f'<path d="M{_LEFT} {down(tick):.1f}H{WIDTH - _RIGHT}"'
                f' stroke="{_QUIET}" stroke-width="1"/>'
            ),
            _text(_LEFT - 6, down(tick) + 4, write(tick), anchor="end"),
        ]
    # Names of months every so often, counted from the last one.
    every = len(days) // 9 + 1
    drawn += [
        _text(across(day), _TOP + height + 18, short_month(day), anchor="middle")
        for day in days[::-1][::every]
    ]
    named = zip(series.items(), LIGHT.lines, _DASHES, strict=False)
    for place, ((name, points), colour, dash) in enumerate(named):
        style = (
            f'fill="none" stroke="{colour}" stroke-width="2.4"'
            f' stroke-dasharray="{dash or "none"}"'
        )
        path = " ".join(f"{across(day):.1f},{down(value):.1f}" for day, value in points)
        start = _LEFT + place * room / len(series)
        drawn += [
            f'<polyline points="{path}" {style}/>',
            f'<path d="M{start:.1f} {_HEIGHT - 10}h34" {style}/>',
            _text(start + 40, _HEIGHT - 6, name),
        ]
    return _drawing(drawn, _HEIGHT, words)


def _ticks(low: int, high: int) -> list[int]:
    """Return round numbers that enclose all values, zero where it is near enough."""
    if low > 0 and high > low and (high - low) * 2 > high:
        low = 0
    span = max(high - low, 1)
    size: int = 10 ** (len(str(span)) - 1)
    step = next(size * part for part in (1, 2, 5) if span <= size * part * _TICKS)
    first = low // step * step
    ticks = [first]
    while ticks[-1] < high or len(ticks) == 1:
        ticks.append(ticks[-1] + step)
    return ticks


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        f' fill="{LIGHT.text}">{escape(words)}</text>'
    )


def _drawing(parts: Sequence[str], height: int, words: str) -> str:
    """Put a drawing together; its title is what is said to those who hear it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">'
        f"<title>{escape(words)}</title>{''.join(parts)}</svg>"
    )
