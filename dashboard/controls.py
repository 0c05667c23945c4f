"""Controls: checks, breaks and repairs as the cells people read, never colour alone."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from dashboard.formats import exact, plain
from dashboard.trust import Break, Changes, Check, Proposal

PLANNED = "Planned"
APPROVAL = "Waits for approval"
PERSON = "Waits for a person"
DONE = "Done"

# What happens next to a repair, by the class its check proposed it in: pushed, pushed
# after approval, drafted for a person, told to a person.
_WAITS = {"P": PLANNED, "A": APPROVAL, "D": PERSON, "T": PERSON}

# Where a change stands, by its state in the ledger. One that was declined or replaced
# by a newer plan stands nowhere.
_STANDS = {
    "ready": PLANNED,
    "sending": PLANNED,
    "unknown": PLANNED,
    "acknowledged": PLANNED,
    "waiting": APPROVAL,
    "held": PERSON,
    "conflict": PERSON,
    "rejected": PERSON,
    "diverged": PERSON,
    "confirmed": DONE,
    "settled": DONE,
}

_NONE = "\N{EM DASH}"


def checks(rows: Sequence[Check]) -> Any:
    """One line per check, those with open breaks first."""
    return _styled(
        {
            "State": [check_state(row) for row in rows],
            "Check": [_named(row) for row in rows],
            "Compared": [row.compared for row in rows],
            "Breaks": [row.breaks for row in rows],
            "Explained": [row.explained for row in rows],
            "At risk, USD": [row.difference for row in rows],
            "Owner": [plain(row.owner) for row in rows],
        },
        {
            "Compared": _grouped,
            "Breaks": _grouped,
            "Explained": _grouped,
            "At risk, USD": _amount,
        },
        wide={"State": 7, "Check": 14},
    )


def check_state(row: Check) -> str:
    """Say in a sign and a word how a check came out."""
    if row.open:
        return f":red[:material/cancel:] {row.open:,} open"
    if row.not_run_because:
        return ":red[:material/block:] Did not run"
    if row.explained:
        return ":orange[:material/change_history:] Explained"
    return ":green[:material/check_circle:] Ties out"


def repairs(checks: Sequence[Check], proposed: Sequence[Proposal]) -> Any:
    """One line per check with open breaks: the repair and where it waits."""
    found = [check for check in checks if check.open]
    places: Counter[tuple[str, str]] = Counter()
    proposals: dict[str, dict[str, None]] = {}
    for row in proposed:
        places[row.check_id, waits(row.push_class)] += row.count
        proposals.setdefault(row.check_id, {})[proposal(row)] = None
    return _styled(
        {
            "Check": [_named(check) for check in found],
            "Proposed repair": [
                ", ".join(proposals.get(check.check_id, {_NONE: None}))
                for check in found
            ],
            **{
                place: [places[check.check_id, place] for check in found]
                for place in (PLANNED, APPROVAL, PERSON)
            },
        },
        dict.fromkeys((PLANNED, APPROVAL, PERSON), _grouped),
        wide={"Check": 12, "Proposed repair": 12},
    )


def changes(rows: Sequence[Changes]) -> Any:
    """One line per system and object that is written to: how far its repairs are."""
    places: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        if row.state in _STANDS:
            places[row.system, row.object, _STANDS[row.state]] += row.count
    targets = list(dict.fromkeys((system, kind) for system, kind, _ in places))
    columns = (PLANNED, APPROVAL, PERSON, DONE)
    return _styled(
        {
            "System": [plain(system) for system, _ in targets],
            "Object": [plain(kind) for _, kind in targets],
            **{
                place: [places[(*target, place)] for target in targets]
                for place in columns
            },
        },
        dict.fromkeys(columns, _grouped),
        wide={},
    )


def breaks(rows: Sequence[Break]) -> Any:
    """One line per open break."""
    return _styled(
        {
            "Check": [row.check_id for row in rows],
            "What differs": [plain(row.subject) for row in rows],
            "One side": [_side(row.left_system, row.left_value) for row in rows],
            "Other side": [_side(row.right_system, row.right_value) for row in rows],
            "Difference": [
                f"{row.currency} {exact(row.difference, row.currency)}"
                if row.currency and row.difference
                else _NONE
                for row in rows
            ],
            "Proposed value": [plain(row.proposed_value or _NONE) for row in rows],
            "Where it waits": [waits(row.push_class) for row in rows],
        },
        {},
        wide={"What differs": 14, "Difference": 8, "Where it waits": 9},
    )


def proposal(row: Proposal) -> str:
    """Name what the repair would set, or say that a person decides."""
    if row.target_system is None or row.target_object is None:
        return "A person decides"
    target = f"{row.target_system} {row.target_object}"
    return plain(f"{target}.{row.target_field}" if row.target_field else target)


def waits(push_class: str) -> str:
    """Say where the repair of an open break waits, by the class of its repair."""
    return _WAITS.get(push_class, PERSON)


def _named(check: Check) -> str:
    """Write a check's id, which people quote, and what it claims."""
    why = f" ({plain(check.not_run_because)})" if check.not_run_because else ""
    return f"{plain(check.check_id)} {plain(check.title)}{why}"


def _amount(minor: int) -> str:
    """Write US dollars to the cent, and none as a dash."""
    return exact(minor) if minor else _NONE


def _side(system: str | None, value: str | None) -> str:
    """Write what one system holds."""
    return plain(f"{system}: {value or _NONE}") if system else _NONE


def _grouped(number: int) -> str:
    """Write a whole number with its thousands apart, and none as a dash."""
    return f"{number:,}" if number else _NONE


def _styled(
    columns: Mapping[str, Sequence[Any]],
    formats: Mapping[str, Callable[[int], str]],
    wide: Mapping[str, int],
) -> Any:
    """Keep numbers as numbers, so that they align right, and write them our way.

    Wide columns keep that many rem for a line of text, or for an icon and its word; on
    a phone the table scrolls instead.
    """
    styled = pd.DataFrame(dict(columns)).style.format(dict(formats))
    for column, rem in wide.items():
        styled = styled.set_properties(subset=[column], **{"min-width": f"{rem}rem"})
    return styled
