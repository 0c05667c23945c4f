"""Stripe's own client is the judge: it reads the very records that we load."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stripe

from ingestion.load import load
from sandbox.stripe.events import signature_header
from tests.conftest import SandboxProcess

pytestmark = pytest.mark.judge("stripe 16.1.0")

SECRET = "whsec_judge"
PAYLOAD = b'{"id": "evt_1", "object": "event", "type": "customer.updated"}'


@pytest.fixture(scope="module")
def warehouse(
    sandbox_small: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a warehouse with what our ingestion loaded from the sandbox."""
    home = tmp_path_factory.mktemp("judged")
    load(home / "warehouse.duckdb", home, sandbox_small.environment, only=["stripe"])
    return home / "warehouse.duckdb"


@pytest.fixture(scope="module")
def client(sandbox_small: SandboxProcess) -> Iterator[stripe.StripeClient]:
    """Return the official client, which believes that it speaks to Stripe."""
    environment = sandbox_small.environment
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


def longest(lines: list[tuple[str, str | None, int, str]]) -> int:
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
