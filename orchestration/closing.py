"""Closing: what became of every mistake that the sandbox planted.

Read from the outside: the sandbox knows the truth, the operations store the breaks that
were ever open and those that still are. Nothing here is counted by the code that found
or repaired it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TITLES = {
    "duplicate_customer": "duplicate customer",
    "sku_mismatch": "SKU differs in CPQ and ERP",
    "second_contract": "amendment made a second contract",
    "late_usage": "usage after its invoice",
    "payment_failure_not_in_crm": "payment failure not in CRM",
    "missing_erp_invoice": "invoice missing in the ERP",
    "endless_discount": "discount that never ends",
    "ungranted_support_tier": "support tier no contract grants",
    "stale_master_data": "stale name or billing e-mail",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of planted mistake and how many of it are where."""

    kind: str
    planted: int
    found: int
    repaired: int
    waiting: int

    @property
    def missed(self) -> int:
        """Neither repaired nor in front of a person, or not found at all."""
        return self.planted - self.repaired - self.waiting

    @property
    def title(self) -> str:
        """The kind in a person's words."""
        return TITLES.get(self.kind, self.kind.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing table and what was found beyond what was planted."""

    rows: tuple[Row, ...]
    not_planted: tuple[str, ...]

    @property
    def missed(self) -> int:
        """How many planted mistakes were missed, over all kinds."""
        return sum(row.missed for row in self.rows)


def close(
    planted: Sequence[Mapping[str, str]],
    found: Iterable[tuple[str, str]],
    remaining: Iterable[tuple[str, str]],
    waiting: Iterable[tuple[str, str]],
) -> Closing:
    """Count every planted mistake once.

    Args:
        planted: The sandbox's truth: each with `kind` and `record_key`.
        found: (kind, record_key) of every unexplained break of the run.
        remaining: The same after the push and the second ingestion.
        waiting: (kind, record_key) of open exceptions that a person can decide.
    """
    seen, left, open_items = set(found), set(remaining), set(waiting)
    kinds = sorted({item["kind"] for item in planted})
    rows = []
    for kind in kinds:
        truth = {(kind, item["record_key"]) for item in planted if item["kind"] == kind}
        rows.append(
            Row(
                kind=kind,
                planted=len(truth),
                found=len(truth & seen),
                repaired=len((truth & seen) - left),
                waiting=len(truth & seen & left & open_items),
            )
        )
    known = {(item["kind"], item["record_key"]) for item in planted}
    beyond = tuple(sorted(f"{kind} {record}" for kind, record in seen - known))
    return Closing(rows=tuple(rows), not_planted=beyond)
