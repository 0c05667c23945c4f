"""Instants: how vendors write a moment in UTC; the texts sort as the moments do."""

from datetime import UTC, datetime


def to_seconds(at: datetime) -> str:
    """Return `2026-11-01T12:00:00Z`."""
    return f"{_plain(at).isoformat(timespec='seconds')}Z"


def to_milliseconds(at: datetime) -> str:
    """Return `2026-11-01T12:00:00.000Z`."""
    return f"{_plain(at).isoformat(timespec='milliseconds')}Z"


def with_a_blank(at: datetime) -> str:
    """Return `2026-11-01 12:00:00`."""
    return _plain(at).isoformat(" ", timespec="seconds")


def _plain(at: datetime) -> datetime:
    # Not strftime: it writes the year 99 with two digits.
    return at.astimezone(UTC).replace(tzinfo=None)
