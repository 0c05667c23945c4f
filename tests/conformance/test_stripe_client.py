"""Stripe's own client is the judge: it reads the very records that we load."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stripe

from ingestion.load import Place, load
from sandbox.stripe.events import signature_header
from tests.conftest import SandboxProcess, started

pytestmark = pytest.mark.judge("stripe 16.1.0")

SECRET = "whsec_judge"
PAYLOAD = b'{"id": "evt_1", "object": "event", "type": "customer.updated"}'


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """Return a company whose payments reach a bank, and are given back at times."""
    features = "payments,credit_notes,lifecycle"
    options = {"customers": 30, "months": 6, "seed": 15, "features": features}
    running = started(tmp_path_factory.mktemp("sandbox"), options)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def warehouse(
    sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a warehouse with what our ingestion loaded from the sandbox."""
    home = tmp_path_factory.mktemp("judged")
    place = Place(home / "warehouse.duckdb", home, home / "operations.sqlite")
    load(place, sandbox.environment, only=["stripe"]).insist()
    return place.warehouse


@pytest.fixture(scope="module")
def client(sandbox: SandboxProcess) -> Iterator[stripe.StripeClient]:
    """Return the official client, which believes that it speaks to Stripe."""
    environment = sandbox.environment
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stripe, "ca_bundle_path", environment["REQUESTS_CA_BUNDLE"])
        yield stripe.StripeClient(
            environment["STRIPE_API_KEY"],
            http_client=stripe.RequestsClient(proxy=environment["HTTPS_PROXY"]),
        )


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query, in the order of their first column."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return sorted(connection.execute(query).fetchall())


def test_the_client_reads_the_customers_that_we_load(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """Same customers, same names, same references."""
    theirs = [
        (each.id, each.name, each.email, getattr(each.metadata, "tax_id", None))
        for each in client.v1.customers.list({"limit": 100}).auto_paging_iter()
    ]

    ours = rows(
        warehouse, "select id, name, email, metadata_tax_id from raw_stripe.customers"
    )

    assert len(ours) > 20
    assert ours == sorted(theirs)


def test_the_client_reads_the_invoices_and_all_their_lines(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """Every invoice and every line to the minor unit, also beyond the first ten."""
    invoices = list(client.v1.invoices.list({"limit": 100}).auto_paging_iter())
    lines = [
        (line.id, invoice.id, line.amount, line.currency)
        for invoice in invoices
        for line in invoice.lines.auto_paging_iter()
    ]

    assert max(len(each.lines.data) for each in invoices) <= 10 < longest(lines)
    assert rows(
        warehouse, "select id, number, status, total, currency from raw_stripe.invoices"
    ) == sorted((e.id, e.number, e.status, e.total, e.currency) for e in invoices)
    assert rows(
        warehouse, "select id, invoice, amount, currency from raw_stripe.invoice_lines"
    ) == sorted(lines)


def longest(lines: Sequence[tuple[str, str | None, int, str]]) -> int:
    """Return how many lines the longest invoice has."""
    invoices = [line[1] for line in lines]
    return max(invoices.count(invoice) for invoice in set(invoices))


def test_the_client_reads_the_payments_and_refunds_that_we_load(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """What was paid, what failed and what went back is the same in both."""
    payments = client.v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    refunds = client.v1.refunds.list({"limit": 100}).auto_paging_iter()

    assert rows(
        warehouse, "select id, status, amount, currency from raw_stripe.payments"
    ) == sorted((each.id, each.status, each.amount, each.currency) for each in payments)
    assert rows(
        warehouse, "select id, amount, currency from raw_stripe.refunds"
    ) == sorted((each.id, each.amount, each.currency) for each in refunds)


def test_the_client_reads_the_charges_and_the_balance_that_we_load(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """What was charged, what it cost and what was left of it is the same in both."""
    charges = client.v1.charges.list({"limit": 100}).auto_paging_iter()
    moved = client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()

    assert rows(
        warehouse,
        "select id, status, amount, currency, disputed from raw_stripe.charges",
    ) == sorted((e.id, e.status, e.amount, e.currency, e.disputed) for e in charges)
    assert rows(
        warehouse, "select id, type, net, fee from raw_stripe.balance_transactions"
    ) == sorted((each.id, each.type, each.net, each.fee) for each in moved)


def test_the_client_finds_the_same_movements_in_each_payout(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """What reached the bank is made of the same charges, refunds and fees."""
    payouts = list(client.v1.payouts.list({"limit": 100}).auto_paging_iter())
    members = [
        (each.id, payout.id, each.net)
        for payout in payouts[:20]
        for each in client.v1.balance_transactions.list(
            {"payout": payout.id, "limit": 100}
        ).auto_paging_iter()
    ]
    named = ", ".join(f"'{payout.id}'" for payout in payouts[:20])

    assert rows(
        warehouse, "select id, amount, currency, automatic from raw_stripe.payouts"
    ) == sorted((e.id, e.amount, e.currency, e.automatic) for e in payouts)
    assert members
    assert rows(
        warehouse,
        "select id, payout, net from raw_stripe.payout_transactions"
        f" where payout in ({named})",
    ) == sorted(members)


def test_the_client_reads_the_credit_notes_and_schedules_that_we_load(
    warehouse: Path, client: stripe.StripeClient
) -> None:
    """What was credited, line by line, and what steps up when."""
    notes = list(client.v1.credit_notes.list({"limit": 100}).auto_paging_iter())
    lines = [
        (line.id, note.id, line.amount, line.invoice_line_item)
        for note in notes
        for line in note.lines.auto_paging_iter()
    ]
    schedules = client.v1.subscription_schedules.list({"limit": 100}).auto_paging_iter()

    assert notes
    assert rows(
        warehouse, "select id, invoice, total, status from raw_stripe.credit_notes"
    ) == sorted((each.id, each.invoice, each.total, each.status) for each in notes)
    assert rows(
        warehouse,
        "select id, credit_note, amount, invoice_line_item"
        " from raw_stripe.credit_note_lines",
    ) == sorted(lines)
    assert rows(
        warehouse, "select id, status, customer from raw_stripe.subscription_schedules"
    ) == sorted((each.id, each.status, each.customer) for each in schedules)


def test_the_client_takes_a_webhook_with_the_right_signature() -> None:
    """The signature of the sandbox is the one that Stripe's client expects."""
    header = signature_header(SECRET, PAYLOAD, int(time.time()))

    event = stripe.Webhook.construct_event(PAYLOAD, header, SECRET)

    assert event.id == "evt_1"


def test_the_client_rejects_a_webhook_with_a_wrong_signature() -> None:
    """Another secret, or a body that was touched, does not pass."""
    header = signature_header(SECRET, PAYLOAD, int(time.time()))
    touched = PAYLOAD.replace(b"evt_1", b"evt_2")

    for body, secret in ((PAYLOAD, "whsec_other"), (touched, SECRET)):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, secret)
