"""Usage: what customers used of a meter, counted as the meter says."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books

EVENTS = "_meter_event"


def used(books: Books, meter: Document, customer: str, start: int, end: int) -> Decimal:
    """Return what a customer used between two instants, the later one left out."""
    summaries = books.table("billing.meter_event_summary").find(
        f"{column('_customer')} = ? and {column('meter')} = ?"
        f" and {column('start_time')} >= ? and {column('end_time')} <= ?",
        (customer, meter["id"], start, end),
        order=column("start_time"),
    )
    days = [Decimal(str(each["aggregated_value"])) for each in summaries]
    events = values(books, meter["id"], customer, start, end)
    return aggregated(meter, [*days, *(value for _, value in events)])


def values(
    books: Books, meter_id: str, customer: str, start: int, end: int
) -> list[tuple[int, Decimal]]:
    """Return instant and value of the events that count, oldest first."""
    at = column("timestamp")
    rows = books.table(EVENTS).select(
        f"{at}, {column('value')}",
        f"{column('customer')} = ? and {column('meter')} = ? and {at} >= ? and {at} < ?"
        f" and {column('canceled')} = 0",
        (customer, meter_id, start, end),
        order=f"{at}, place",
    )
    return [(when, Decimal(value)) for when, value in rows]


def aggregated(meter: Document, numbers: Iterable[Decimal]) -> Decimal:
    """Return one number for many, by the meter's formula."""
    listed = list(numbers)
    formula = (meter.get("default_aggregation") or {}).get("formula", "sum")
    if formula == "count":
        return Decimal(len(listed))
    if formula == "last":
        return listed[-1] if listed else Decimal(0)
    return sum(listed, Decimal(0))
