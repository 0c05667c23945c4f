"""Overview: the published rows that the page shows, selected in one short reading.

Nothing is derived here: rows are selected, and additive US dollar columns are summed
over currencies or months. What needs a definition (retention, recognised revenue)
comes finished from its mart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from dashboard import queries
from dashboard.published import Publication, reading

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ArrMonth:
    """Annual recurring revenue of one month in US dollar minor units, all signed."""

    month: date
    opening: int
    new: int
    expansion: int
    reactivation: int
    contraction: int
    churn: int
    closing: int
    net_new: int


@dataclass(frozen=True, slots=True)
class RetentionMonth:
    """Retention over twelve months in basis points; None before there is a cohort."""

    month: date
    net: int | None
    gross: int | None


@dataclass(frozen=True, slots=True)
class FlowMonth:
    """From signature to money in one month, US dollar minor units."""

    month: date
    bookings: int
    billings: int
    revenue: int
    cash: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One customer's movement of one kind in the last month, US dollar minor units."""

    customer: str
    kind: str
    change: int
    closing: int


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
class Overview:
    """Everything the page shows, from one publication."""

    publication: Publication
    arr: tuple[ArrMonth, ...]
    retention: tuple[RetentionMonth, ...]
    flow: tuple[FlowMonth, ...]
    movements: tuple[Movement, ...]
    checks: tuple[Check, ...]
    breaks: tuple[Break, ...]
    sources: tuple[Source, ...]
    changes: tuple[Changes, ...]


def load(publication: Publication) -> Overview:
    """Read one publication.

    Raises:
        PublicationError: it cannot be read or lacks a table the page needs.
    """
    with reading(publication) as connection:

        def select(query: str, make: Callable[..., Row]) -> tuple[Row, ...]:
            return tuple(make(*row) for row in connection.execute(query).fetchall())

        return Overview(
            publication=publication,
            arr=select(queries.ARR, ArrMonth),
            retention=select(queries.RETENTION, RetentionMonth),
            flow=select(queries.FLOW, FlowMonth),
            movements=select(queries.MOVEMENTS, Movement),
            checks=select(queries.CHECKS, Check),
            breaks=select(queries.BREAKS, Break),
            sources=select(queries.SOURCES, Source),
            changes=select(queries.CHANGES, Changes),
        )
