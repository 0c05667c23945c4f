"""Bridge: the way from bookings to the ledger, and what nothing on it explains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import duckdb

from dashboard.formats import count, exact

_UNEXPLAINED = """
    select
        hand_off,
        legal_entity_code,
        currency,
        sum(amount_minor) as amount_minor,
        count(*) as items_count,
        arg_max(
            subject_type || ' ' || subject_id, (abs(amount_minor), subject_id)
        ) as largest
    from reconciliation.bridge_items_monthly
    where step = 'unexplained' and month = ?
    group by hand_off, legal_entity_code, currency
    order by hand_off, legal_entity_code, currency
"""
_MONTHS = """
    select min(month), max(month) from reconciliation.bridge_steps_monthly
"""


@dataclass(frozen=True, slots=True)
class HandOff:
    """One step of the way, what it leads from and to, and what repairs it."""

    name: str
    left: str
    right: str
    remedy: str

    @property
    def title(self) -> str:
        """How people call it."""
        return f"{self.left} → {self.right.lower()}"


HAND_OFFS: Mapping[str, HandOff] = MappingProxyType(
    {
        each.name: each
        for each in (
            HandOff(
                "bookings_to_contract_value",
                "Bookings",
                "Contract value",
                "correct the order, or the lines of the contract, in the CRM",
            ),
            HandOff(
                "contract_value_to_billings",
                "Contract value",
                "Billings",
                "bill what is missing, or credit what was billed beyond the contract",
            ),
            HandOff(
                "billings_to_cash",
                "Billings",
                "Cash",
                "find the payment or the credit note that settled the invoice",
            ),
            HandOff(
                "billings_to_revenue",
                "Billings",
                "Recognized revenue",
                "name the contract of the invoice, so that the subledger posts it",
            ),
            HandOff(
                "revenue_to_ledger",
                "Recognized revenue",
                "Ledger",
                "post the missing document in the ERP, or reverse the surplus one",
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Gap:
    """What nothing explains in one hand-off, of one entity, currency and month."""

    hand_off: str
    legal_entity_code: str
    currency: str
    amount_minor: (
        int  # of several items these may cancel out, and are open all the same
    )
    items_count: int
    largest: str  # the subject with the largest amount

    @property
    def title(self) -> str:
        """Where it is."""
        return HAND_OFFS[self.hand_off].title

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return HAND_OFFS[self.hand_off].remedy

    @property
    def sentence(self) -> str:
        """Say where, how much, and what to do."""
        return (
            f"{self.title}, {self.legal_entity_code} in {self.currency}: "
            f"{exact(self.amount_minor, self.currency)} in "
            f"{count(self.items_count, 'item')} is unexplained, most of it at "
            f"{self.largest}. To do: {self.remedy}."
        )


def gaps(connection: duckdb.DuckDBPyConnection, month: date) -> Sequence[Gap]:
    """Return what nothing explains in a month: with none, it can be closed."""
    return tuple(
        Gap(*row) for row in connection.execute(_UNEXPLAINED, [month]).fetchall()
    )


def months(connection: duckdb.DuckDBPyConnection) -> tuple[date, date] | None:
    """Return the first and the last month that the bridge has, if it has one."""
    row = connection.execute(_MONTHS).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])
