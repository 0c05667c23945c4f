"""Money that we cannot count right is held with a reason, and kept out of every sum.

Each mistake is made in the company with every feature, behind a transaction that is
rolled back; the SQL of the models runs again over what it changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest


@dataclass(frozen=True)
class Case:
    """A mistake in one record: which, what is changed, and what is held for it."""

    system: str
    model: str  # canonical
    key: str
    amount: str
    change: str
    again: tuple[str, ...]
    reason_code: str


INVOICES = ("int_invoices__issued", "int_invoice_lines__classified")
CASES = {
    "an invoice in a currency without a rate": Case(
        "stripe",
        "invoices",
        "invoice_id",
        "total_minor",
        "update raw_stripe.invoices set currency = 'xau' where id = '{}'",
        (*INVOICES, "int_held__invoices"),
        "currency_without_rate",
    ),
    "an invoice of nobody": Case(
        "chargebee",
        "invoices",
        "invoice_id",
        "total_minor",
        "update raw_chargebee.invoices set customer_id = 'nobody' where id = '{}'",
        (*INVOICES, "int_held__invoices"),
        "unknown_customer",
    ),
    "a payment in a currency without a rate": Case(
        "chargebee",
        "payments",
        "payment_id",
        "amount_minor",
        "update raw_chargebee.transactions set currency_code = 'XAU' where id = '{}'",
        ("int_payments__made", "int_held__payments"),
        "currency_without_rate",
    ),
    "a refund of a payment that nobody made": Case(
        "stripe",
        "refunds",
        "refund_id",
        "amount_minor",
        "update raw_stripe.refunds set payment_intent = 'nothing' where id = '{}'",
        ("int_refunds__made", "int_held__refunds"),
        "unknown_payment",
    ),
    "a credit note of nobody": Case(
        "chargebee",
        "credit_notes",
        "credit_note_id",
        "total_minor",
        "update raw_chargebee.credit_notes set customer_id = 'nobody' where id = '{}'",
        ("int_credit_notes__issued", "int_held__credit_notes"),
        "unknown_customer",
    ),
}
LEDGER = ("int_gl__lines", "int_gl__entries", "int_held__gl_entries")
ENTRIES = {
    "an account that the ERP does not list": (
        "update raw_netsuite.journal_lines set account = '404' where id = '{}-0'",
        "unknown_account",
    ),
    "an entity that nobody knows": (
        "update raw_netsuite.journal_lines set subsidiary = '4' where transaction = {}",
        "unknown_entity",
    ),
    "a currency without a rate": (
        "update raw_netsuite.journal_entries set currency = 'XAU' where id = '{}'",
        "currency_without_rate",
    ),
    "a document that does not balance": (
        "update raw_netsuite.journal_lines set foreignamount = 1 where id = '{}-0'",
        "unbalanced_document",
    ),
}


@dataclass(frozen=True)
class Books:
    """The company's warehouse, open for what will be rolled back."""

    connection: duckdb.DuckDBPyConnection
    compiled: dict[str, str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        found: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        return found

    def again(self, *models: str) -> None:
        """Build models again from what is there now."""
        for name in models:
            self.connection.execute(
                f"create or replace table intermediate.{name} as {self.compiled[name]}"
            )


@pytest.fixture(scope="module")
def compiled(rich: Any, dbt: Any) -> Callable[[], dict[str, str]]:
    """Compile the models whose SQL runs again, for the company's warehouse."""
    names = {*LEDGER, *(name for case in CASES.values() for name in case.again)}
    rich.let_go()
    dbt.run("compile", "--select", *sorted(names), warehouse=rich.warehouse)
    folder = dbt.target_path / "compiled" / "concord" / "models" / "intermediate"
    texts = {name: (folder / f"{name}.sql").read_text() for name in names}
    return lambda: texts


@pytest.fixture
def books(rich: Any, compiled: Callable[[], dict[str, str]]) -> Iterator[Books]:
    """Open the warehouse, and take back whatever a test did to it."""
    with rich.tried() as connection:
        yield Books(connection, compiled())


@pytest.mark.parametrize("name", CASES)
def test_a_document_that_cannot_be_counted_is_held(books: Books, name: str) -> None:
    """One row says which and why, and no sum over invoices includes it any more."""
    case = CASES[name]
    [(record_id, amount)] = books.rows(
        f"select {case.key}, {case.amount} from canonical.{case.model}"
        f" where billing_system = '{case.system}' order by 1 limit 1"
    )

    books.connection.execute(case.change.format(record_id))
    books.again(*case.again)

    held = books.rows(
        "select record_id, reason_code, amount_minor, length(reason) > 20"
        f" from intermediate.{case.again[-1]}"
    )
    lines = books.rows(
        "select 1 from intermediate.int_invoice_lines__classified"
        f" where invoice_id = '{record_id}'"
    )
    assert held == [(record_id, case.reason_code, amount, True)]
    assert lines == []


@pytest.mark.parametrize("name", ENTRIES)
def test_a_journal_that_cannot_be_posted_is_held_whole(books: Books, name: str) -> None:
    """All its lines wait for one reason, and what remains balances."""
    change, reason_code = ENTRIES[name]
    [(before,)] = books.rows("select count(*) from canonical.gl_entries")
    [(journal,)] = books.rows("select min(id) from raw_netsuite.journal_entries")

    books.connection.execute(change.format(journal))
    books.again(*LEDGER)

    held = books.rows(
        "select reason_code, count(*), count(distinct reason)"
        " from intermediate.int_held__gl_entries group by 1"
    )
    assert held == [(reason_code, 2, 1)]
    assert books.rows(
        "select count(*), sum(signed_minor) from intermediate.int_gl__entries"
        " where held_for is null"
    ) == [(before - 2, 0)]
