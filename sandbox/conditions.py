"""Conditions: what a caller may set of how things stand at a vendor, checked first.

A vendor reads a condition when it needs it; one of the wrong type would surface there,
as a failure that no vendor has.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.faults import EDITED, rates_of

# Names whose ending says that they count something or last some time.
_NUMBER = re.compile(
    r"(_seconds|_per_(second|minute|window|day|ten_seconds)|_calls|_limit|_looks"
    r"|_after|_after_rows|_size|_ids)$"
)


def checked(wanted: Any) -> dict[str, dict[str, Any]]:
    """Return conditions by system and name; ValueError says which is wrong.

    Null takes a condition back; `faults` are rates by kind, see `sandbox.faults`.
    """
    if not isinstance(wanted, Mapping):
        raise ValueError("Conditions are {system: {name: value, or null}}.")  # noqa: TRY004 -- bad input
    conditions: dict[str, dict[str, Any]] = {}
    for system, held in wanted.items():
        if system not in EDITED:
            raise ValueError(f"There is no system {system}: {', '.join(EDITED)}.")
        if not isinstance(held, Mapping):
            raise ValueError(f"The conditions of {system} are {{name: value}}.")  # noqa: TRY004
        conditions[system] = {
            name: _checked(f"{system}.{name}", value) for name, value in held.items()
        }
    return conditions


def _checked(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith(".faults"):
        return rates_of(value)
    if name.endswith("_retry_seconds"):
        if not isinstance(value, list) or not all(map(_is_amount, value)):
            raise ValueError(f"{name} is a list of seconds.")
    elif _NUMBER.search(name) and not _is_amount(value):
        raise ValueError(f"{name} is a number from 0.")
    return value


def _is_amount(value: Any) -> bool:
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and value >= 0
    )
