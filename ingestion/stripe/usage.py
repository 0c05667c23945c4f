"""Usage: what each customer used of each meter, by the day.

No event tells of it, so it is asked for anew: for each customer and meter whose
subscription has a price that counts. The other meters are asked for too, because what
is used and not sold is found by nobody else: all at first, then each once a week.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from ingestion.errors import Refused, Rejected, naming
from ingestion.readings import Arrival, Batch, Children, Document, Page, Step
from ingestion.stripe.answers import MISSING
from ingestion.stripe.lists import after, completed, page, whole
from ingestion.transport.rest import Rest

STREAM = "meter_summaries"
METERS = "/v1/billing/meters"
# docs.stripe.com/api/billing/meter-event/create: "within the past 35 calendar days".
LATEST = timedelta(days=35)
# Each day has its turn of the meters that a customer has not bought.
TURNS = 7


def summaries(status: str | None, step: Step) -> Page:
    """Return the usage of the customers of a page of subscriptions.

    From `since` on, with the days before it of which usage may still have come; all
    where there is no such bound. `status` narrows the subscriptions: None leaves out
    those that are canceled, and "all" adds for each customer those meters that none of
    their subscriptions has and whose turn it is, since the first of these began.

    Raises:
        SystemFault: it cannot be read.
    """
    rest = step.rest
    wanted = {} if status is None else {"status": status}
    with naming("subscription"):
        subscriptions, following = page(rest, "/v1/subscriptions", wanted, after(step))
        oldest = None if step.since is None else step.since - LATEST
        begins = _begins(rest, subscriptions, oldest)
    now = step.until or step.began or rest.read_at or datetime.now(UTC)
    # What is loaded for the first time, or a window again, is asked for whole.
    is_whole = step.since is None or step.until is not None
    today = None if is_whole else now.toordinal() % TURNS
    if status == "all" and subscriptions:
        begins = _not_sold(rest, subscriptions, oldest, today) | begins
    # Both ends must lie on a day's border, and the day that runs is wanted too.
    end = _midnight(now) + timedelta(days=1)
    arrivals: list[Arrival] = []
    for (customer, meter), start in begins.items():
        if start < end:  # it may begin only after the past that is wanted
            with naming("billing.meter", meter):
                arrivals += _used(rest, customer, meter, start, end)
    return Page(arrivals, following)


def _begins(
    rest: Rest, subscriptions: Iterable[Document], oldest: datetime | None
) -> dict[tuple[str, str], datetime]:
    """Return since when which customer's use of which meter is wanted."""
    begins: dict[tuple[str, str], datetime] = {}
    for subscription in subscriptions:
        ended = subscription.get("ended_at")
        if oldest is not None and ended is not None and _moment(ended) < oldest:
            continue
        with naming("subscription", subscription["id"]):
            meters = list(_meters(rest, subscription))
        for meter, customer, started in meters:
            start = _midnight(started if oldest is None else max(started, oldest))
            begins[customer, meter] = min(start, begins.get((customer, meter), start))
    return begins


def _not_sold(
    rest: Rest,
    subscriptions: Iterable[Document],
    oldest: datetime | None,
    today: int | None,
) -> dict[tuple[str, str], datetime]:
    """Return since when each customer's use of meters is wanted, sold or not.

    Of what was asked for before, a day's turn alone: use may come for 35 days, so that
    nothing is lost, and a call for each customer and meter is a day's limit of its own.
    """
    with naming("billing.meter"):
        # What is switched off counts nothing.
        meters = [each["id"] for each in whole(rest, METERS, {"status": "active"})]
    began: dict[str, datetime] = {}
    for each in subscriptions:
        customer, started = each["customer"], _moment(each["start_date"])
        began[customer] = min(started, began.get(customer, started))
    return {
        (customer, meter): _midnight(
            started if oldest is None else max(started, oldest)
        )
        for customer, started in began.items()
        for meter in meters
        if today is None or turn(customer, meter) == today
    }


def turn(customer: str, meter: str) -> int:
    """Return on which of seven days a meter is asked for that was not bought."""
    return crc32(f"{customer} {meter}".encode()) % TURNS


def _meters(rest: Rest, subscription: Document) -> Iterator[tuple[str, str, datetime]]:
    """Yield the meters of a subscription, with its customer and its start."""
    wanted = {"subscription": subscription["id"]}
    part = subscription.get("items")
    items = completed(rest, part, "/v1/subscription_items", wanted)
    try:
        for item in items:
            recurring = item["price"]["recurring"] or {}
            if recurring.get("meter") is not None:
                customer, start = subscription["customer"], subscription["start_date"]
                yield recurring["meter"], customer, _moment(start)
    except (KeyError, TypeError) as error:
        raise Refused(
            rest.system,
            "the subscription does not say whose use of what it counts",
            "check the API version, then run again",
        ) from error


def _used(
    rest: Rest, customer: str, meter: str, start: datetime, end: datetime
) -> list[Arrival]:
    """Return one customer's use of one meter by the day; other days have none."""
    wanted: dict[str, Any] = {
        "customer": customer,
        "start_time": int(start.timestamp()),
        "end_time": int(end.timestamp()),
        "value_grouping_window": "day",
    }
    path = f"{METERS}/{meter}/event_summaries"
    try:
        days = whole(rest, path, wanted)
    except Rejected as fault:
        if fault.code != MISSING:
            raise
        return []  # the customer was deleted: what is known of their use stays
    pair = (customer, meter)
    return [
        Batch(STREAM, days, {"customer": customer}),
        Children(STREAM, ("customer", "meter"), [pair], ("start_time", start)),
    ]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
