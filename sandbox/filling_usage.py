"""Filling usage: the single events that each day's metered usage came in.

Ten million events are too many to draw; SQL writes them out of the days' sums. A day's
events are spread evenly over it, and their quantities sum to the day's: the first ones
are one larger where it does not divide evenly.
"""

from collections.abc import Iterator, Sequence

from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.store import Store
from sandbox.stripe.documents_ids import customer_id, meter_id

EVENTS = ("product", "usage_event")  # who counts, and what
# id, customer, meter, first second, quantity
Day = tuple[str, str, str, int, int]

_DAY_SECONDS = 86_400


def days_of(company: Company) -> Iterator[Day]:
    """Yield each day's usage of a meter by a customer."""
    for number, day in enumerate(company.usage):
        yield (
            f"ue_{day.customer.number:07}{number:07}",
            customer_id(day.customer),
            meter_id(company.seed, day.sku),
            epoch(day.on),
            day.quantity,
        )


class Events:
    """Writes the events of one part of the company after the other."""

    def __init__(self, store: Store) -> None:
        """Write into this store."""
        self.written = 0
        self._store = store
        self._table = store.collection(*EVENTS).table
        store.run(
            "create temp table usage_day"
            " (id text, customer text, meter text, began integer, quantity integer)"
        )

    def write(self, days: Sequence[Day], until: int) -> None:
        """Write the events of some days: so many of each that there are `until` in all.

        A day with a smaller quantity has as many events as it counted.
        """
        most = _most([quantity for *_, quantity in days], until - self.written)
        if not most:
            return
        store = self._store
        store.run_many("insert into usage_day values (?, ?, ?, ?, ?)", iter(days))
        store.run(
            f"""
            insert into {self._table} (id, body)
            with recursive
                numbers (n) as (
                    select 0 union all select n + 1 from numbers where n + 1 < ?1
                ),
                days as (select *, min(quantity, ?1) as events from usage_day)
            select
                id || printf('%05d', n),
                '{{"id":"' || id || printf('%05d', n)
                || '","customer":"' || customer || '","meter":"' || meter
                || '","at":' || (began + {_DAY_SECONDS} / events * n)
                || ',"quantity":' || (quantity / events + (n < quantity % events))
                || '}}'
            from days
            cross join numbers
            where n < events
            """,
            (most,),
        )
        store.run("delete from usage_day")
        self.written += sum(min(quantity, most) for *_, quantity in days)


def _most(quantities: Sequence[int], wanted: int) -> int:
    """Return how many events a day has at most, for so many in all; 0 for none."""
    if wanted <= 0 or not quantities:
        return 0
    low, high = 1, max(1, *quantities)
    while low < high:
        middle = (low + high) // 2
        if sum(min(each, middle) for each in quantities) < wanted:
            low = middle + 1
        else:
            high = middle
    return low
