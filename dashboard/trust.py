"""Trust: how far the numbers of a publication can be trusted, as far as it says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import duckdb

# The difference is that of the unexplained breaks, in US dollars.
_CHECKS = """
    select
        check_id,
        title,
        area,
        owner,
        compared,
        breaks,
        explained,
        difference_usd_minor,
        not_run_because
    from reconciliation.check_results
    order by
        breaks - explained desc, not_run_because is null, explained desc, check_id
"""

_BREAKS = """
    select
        check_id,
        subject,
        left_system,
        left_value,
        right_system,
        right_value,
        currency,
        difference_minor,
        target_system,
        target_object,
        target_field,
        proposed_value,
        push_class
    from reconciliation.breaks
    where explained_by is null
    order by check_id, abs(coalesce(difference_minor, 0)) desc, break_key
    limit ?
"""

_PROPOSALS = """
    select
        check_id, target_system, target_object, target_field, push_class, count(*)
    from reconciliation.breaks
    where explained_by is null
    group by check_id, target_system, target_object, target_field, push_class
    order by check_id, target_system, target_object, target_field, push_class
"""

# Streams that bring nothing new keep the day of their last load, so a system counts as
# loaded when any of its streams was. A system that is not connected never was.
_SOURCES = """
    select system, max(loaded_at)
    from operations.freshness
    where loaded_at is not null
    group by system
    order by system
"""

_CHANGES = """
    select system, object, state, sum(changes)
    from operations.changes
    group by system, object, state
    order by system, object, state
"""

# Periods for adjustments share their days with a month and say nothing of it.
_CLOSE = """
    select list(distinct status)
    from canonical.fiscal_periods
    where starts_on <= ? and ends_before > ? and not is_adjustment
"""

# What was reported of the month and is stated otherwise today.
RESTATED = """
    select
        reported.customer_id,
        coalesce(legal_name, reported.customer_id) as customer,
        reported.product_id,
        reported.legal_entity_code,
        reported.closing_usd_minor as then_usd_minor,
        movements.closing_usd_minor as now_usd_minor,
        reported.recorded_on
    from marts.arr_reported as reported
    left join marts.arr_movements as movements
        using (customer_id, product_id, currency, legal_entity_code, month)
    left join canonical.customers
        on customers.customer_id = reported.customer_id
    where
        month = ?
        and movements.closing_usd_minor is distinct from reported.closing_usd_minor
    order by reported.customer_id, reported.product_id, reported.legal_entity_code
"""

# Systems are loaded once a day; two hours are for the run itself.
FRESH_FOR = timedelta(hours=26)

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Check:
    """One reconciliation check and how it came out."""

    check_id: str
    title: str
    area: str
    owner: str
    compared: int
    breaks: int
    explained: int
    difference: int  # of the open breaks, US dollar minor units
    not_run_because: str | None  # None: it ran

    @property
    def ties(self) -> bool:
        """Whether it ran and found no break that nothing explains."""
        return self.not_run_because is None and not self.open

    @property
    def open(self) -> int:
        """Breaks that nothing explains."""
        return self.breaks - self.explained


@dataclass(frozen=True, slots=True)
class Break:
    """One difference that nothing explains, and the repair that was proposed."""

    check_id: str
    subject: str
    left_system: str | None
    left_value: str | None
    right_system: str | None
    right_value: str | None
    currency: str | None
    difference: int | None
    target_system: str | None
    target_object: str | None
    target_field: str | None
    proposed_value: str | None
    push_class: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A kind of repair that open breaks of one check wait for, and how many do."""

    check_id: str
    target_system: str | None
    target_object: str | None
    target_field: str | None
    push_class: str
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """One connected system and when it last gave us rows."""

    system: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """How many changes to one system's objects are in one state of the ledger."""

    system: str
    object: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Trust:
    """What stands on every page: checks, sources and whether the month is closed."""

    checks: tuple[Check, ...]
    sources: tuple[Source, ...]
    close_status: str

    @property
    def ties(self) -> int:
        """How many checks ran and have no break that nothing explains."""
        return sum(check.ties for check in self.checks)

    @property
    def idle(self) -> int:
        """How many checks did not run."""
        return sum(check.not_run_because is not None for check in self.checks)

    @property
    def open_breaks(self) -> int:
        """How many breaks nothing explains."""
        return sum(check.open for check in self.checks)

    @property
    def at_risk(self) -> int:
        """What they amount to, US dollar minor units."""
        return sum(check.difference for check in self.checks)

    def late(self, now: datetime) -> list[str]:
        """Return the systems that were not loaded for more than a day."""
        return [
            source.system
            for source in self.sources
            if now - source.loaded_at > FRESH_FOR
        ]


def load(connection: duckdb.DuckDBPyConnection, month: date) -> Trust:
    """Read what every page says of trust."""
    return Trust(
        checks=_select(connection, _CHECKS, Check),
        sources=_select(connection, _SOURCES, Source),
        close_status=close_status(connection, month),
    )


def close_status(connection: duckdb.DuckDBPyConnection, month: date) -> str:
    """Say whether a month's books are closed: everywhere, somewhere or nowhere."""
    found = connection.execute(_CLOSE, [month, month]).fetchone()
    statuses = set(found[0] or ()) if found else set()
    if not statuses:
        return "no calendar"
    if statuses == {"closed"}:
        return "closed"
    return "open" if statuses == {"open"} else "closing"


def breaks(connection: duckdb.DuckDBPyConnection, limit: int) -> tuple[Break, ...]:
    """Return the first breaks that nothing explains."""
    return _select(connection, _BREAKS, Break, limit)


def proposals(connection: duckdb.DuckDBPyConnection) -> tuple[Proposal, ...]:
    """Return what would repair the breaks that nothing explains, counted."""
    return _select(connection, _PROPOSALS, Proposal)


def changes(connection: duckdb.DuckDBPyConnection) -> tuple[Changes, ...]:
    """Return the changes written back or waiting to be, counted."""
    return _select(connection, _CHANGES, Changes)


def _select(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    make: Callable[..., Made],
    *values: int,
) -> tuple[Made, ...]:
    return tuple(
        make(*row) for row in connection.execute(query, list(values)).fetchall()
    )
