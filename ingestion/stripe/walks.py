"""Walks: which of Stripe's lists a load reads, and when its log of events is enough."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from ingestion.errors import naming
from ingestion.readings import Batch, Known, Page, Reading, Step
from ingestion.stripe import payouts, usage
from ingestion.stripe.events import KEPT, changes
from ingestion.stripe.lists import after, page, window
from ingestion.stripe.objects import (
    BALANCE,
    BY_STREAM,
    KINDS,
    Kind,
    fetched,
    listed,
)

# What no event told of is found this late at the latest: a payment's new description,
# an object whose event was lost.
SWEEP_EVERY = timedelta(days=1)

# Usage costs a call for each customer and meter, and bills are made by the month.
USAGE_EVERY = timedelta(hours=1)

# How many objects one step reads by their ids.
_AT_ONCE = 20


def readings(known: Known) -> Sequence[Reading]:
    """Return the walks of a load.

    A stream that is new, or was left alone for longer than Stripe keeps its events, or
    whose sweep is due, is listed; of the others the events tell. No event tells of
    movements of the balance and of usage: of these, what is younger than the last load
    is asked for, usage once an hour.
    """
    due = [kind for kind in KINDS if _is_due(kind, known)]
    found = [
        Reading(kind.stream, kind.streams, partial(listed, kind), kind.streams)
        for kind in due
    ]
    told = [stream for kind in KINDS if kind not in due for stream in kind.streams]
    if _is_unknown(payouts.STREAM, known):
        found.append(Reading(payouts.STREAM, (payouts.STREAM,), payouts.listed))
    else:
        told.append(payouts.STREAM)
    if told:
        found.append(_changes(tuple(told)))
    return [*found, _balance(known), *_usage(known)]


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over some objects, each with the lists inside of it.

    Raises:
        KeyError: no stream of that name can be read by identifier.
    """
    kind = BY_STREAM[stream]
    return Reading(f"named {stream}", kind.streams, partial(_named, kind, tuple(ids)))


def _named(kind: Kind, ids: Sequence[str], step: Step) -> Page:
    begin = step.place if isinstance(step.place, int) else 0
    end = begin + _AT_ONCE
    arrivals = fetched(step.rest, kind, ids[begin:end])
    return Page(arrivals, end if end < len(ids) else None)


def _changes(told: tuple[str, ...]) -> Reading:
    every = [stream for kind in KINDS for stream in kind.streams]
    name = "changes"
    if told != (*every, payouts.STREAM):
        name = f"changes of {', '.join(told)}"
    groups = [
        tuple(stream for stream in kind.streams if stream in told) for kind in KINDS
    ]
    if payouts.STREAM in told:
        groups.append((payouts.STREAM,))
    return Reading(
        name,
        told,
        partial(changes, told),
        groups=tuple(group for group in groups if group),
    )


def _balance(known: Known) -> Reading:
    if _is_due(BALANCE, known):
        walk = partial(listed, BALANCE)
        return Reading(BALANCE.stream, BALANCE.streams, walk, BALANCE.streams)
    return Reading(f"new {BALANCE.stream}", BALANCE.streams, _moved)


def _moved(step: Step) -> Page:
    """Return a page of the movements since the last load.

    All that changes of one later is whether it is available: the sweep says so.
    """
    with naming(BALANCE.object):
        wanted = window(step)
        rows, following = page(step.rest, BALANCE.path, wanted, after(step))
    return Page([Batch(BALANCE.stream, rows)], following)


def _usage(known: Known) -> Sequence[Reading]:
    """Return the walk over usage that is due, if one is.

    What comes in late after a cancellation is asked for once a day, what was not sold
    once a week.

    That of an earlier time than usage may still come in stays as it is known.
    """
    subscriptions = BY_STREAM["subscriptions"]
    if _is_unknown(usage.STREAM, known) or _is_due(subscriptions, known):
        walk = partial(usage.summaries, "all")
        return [Reading(f"all {usage.STREAM}", (usage.STREAM,), walk)]
    read = known.read.get(usage.STREAM)
    if read is not None and known.now - read < USAGE_EVERY:
        return []
    return [Reading(usage.STREAM, (usage.STREAM,), partial(usage.summaries, None))]


def _is_due(kind: Kind, known: Known) -> bool:
    """Tell whether all objects of a kind are to be listed."""
    swept = known.swept.get(kind.stream)
    return (
        any(_is_unknown(stream, known) for stream in kind.streams)
        or swept is None
        or known.now - swept >= SWEEP_EVERY
    )


def _is_unknown(stream: str, known: Known) -> bool:
    """Tell whether Stripe's log does not reach back to a stream's last load."""
    last = known.since.get(stream)
    return last is None or known.now - last > KEPT
