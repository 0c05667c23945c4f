"""Make a contract that fails as small as it can be and still fail."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.revenue.drafts import Drawn

Differs = Callable[[Sequence[Drawn]], Sequence[bool]]


def smallest(draft: Drawn, differs: Differs) -> Drawn:
    """Return a contract of which nothing can be left out.

    Args:
        draft: a contract and its events that fail.
        differs: tells of many contracts at once which fail.
    """
    while True:
        candidates = list(_simpler(draft))
        verdicts = differs(candidates) if candidates else []
        failing = [
            candidate
            for candidate, fails in zip(candidates, verdicts, strict=True)
            if fails
        ]
        if not failing:
            return draft
        draft = min(failing, key=lambda candidate: len(repr(candidate)))


def _simpler(draft: Drawn) -> Iterator[Drawn]:
    """Yield the contract without one of its parts, or without half of its events."""
    contract, events = draft["contract"], draft["events"]
    half = len(events) // 2
    for part in [events[:half], events[half:]] if half > 1 else []:
        if _is_whole(part):
            yield {"contract": contract, "events": part}
    for position in range(len(events)):
        rest = [*events[:position], *events[position + 1 :]]
        if _is_whole(rest):
            yield {"contract": contract, "events": rest}
    for position, event in enumerate(events):
        for fewer in _without_keys(event):
            changed = [*events[:position], fewer, *events[position + 1 :]]
            yield {"contract": contract, "events": changed}
    obligations = contract["obligations"]
    for row in obligations if len(obligations) > 1 else []:
        others = [other for other in obligations if other is not row]
        if f"'{row['id']}'" not in repr(events):
            yield {"contract": {**contract, "obligations": others}, "events": events}
    if "costs" in contract:
        bare = {key: value for key, value in contract.items() if key != "costs"}
        yield {"contract": bare, "events": events}


def _is_whole(events: Sequence[Drawn]) -> bool:
    """Tell whether no event speaks of an invoice or an addition that is gone."""
    billed = {event["invoice"]["id"] for event in events if "invoice" in event}
    named = {
        what["invoice"]
        for event in events
        for what in event.values()
        if isinstance(what, dict) and isinstance(what.get("invoice"), str)
    }
    return named <= billed


def _without_keys(event: Drawn) -> Iterator[Drawn]:
    """Yield a modification without one change, one addition or one new term."""
    what: dict[str, Any] = event.get("modification", {})
    for key in ("changes", "add"):
        rows = what.get(key, [])
        for row in rows:
            rest = [other for other in rows if other is not row]
            yield {**event, "modification": {**what, key: rest}}
    for position, row in enumerate(what.get("changes", [])):
        for name in row.keys() - {"obligation"}:
            fewer = {key: value for key, value in row.items() if key != name}
            rows = [
                *what["changes"][:position],
                fewer,
                *what["changes"][position + 1 :],
            ]
            yield {**event, "modification": {**what, "changes": rows}}
    if "refund_due" in what:
        rest_of = {key: value for key, value in what.items() if key != "refund_due"}
        yield {**event, "modification": rest_of}
