"""An account of Stripe's behind the third door, with Stripe's own client signed in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
import stripe

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from tests.sandbox.doors import Doors, opened
from tests.sandbox.stripe.judging import Judge, Recording, judge

START = datetime(2026, 11, 1, 12, tzinfo=UTC)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of an empty company."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class World:
    """An account that holds what it is given."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts = field(default_factory=Facts)
    planted: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account with Stripe's own client, whose every answer is judged."""

    doors: Doors
    client: stripe.StripeClient
    transport: Recording

    @property
    def v1(self) -> Any:
        """The client's services; `Any`, as the tests also ask what it would not."""
        return self.client.v1

    @property
    def now(self) -> int:
        """Stripe's time."""
        return self.doors.clock.seconds()

    def price(self, amount: int = 1000, **settings: Any) -> Any:
        """Add a product with a monthly price."""
        settings = {"recurring": {"interval": "month"}} | settings
        if settings["recurring"] is None:
            del settings["recurring"]
        product = self.v1.products.create({"name": "Seats"})
        wanted = {"product": product.id, "currency": "usd", **settings}
        if "billing_scheme" not in settings and "unit_amount_decimal" not in settings:
            wanted["unit_amount"] = amount
        return self.v1.prices.create(wanted)

    def customer(self, card: str | None = "pm_card_visa", **settings: Any) -> Any:
        """Add a customer whose card is charged by itself."""
        customer = self.v1.customers.create({"name": "Ada", **settings})
        if card is not None:
            method = self.v1.payment_methods.attach(card, {"customer": customer.id})
            default = {"default_payment_method": method.id}
            self.v1.customers.update(customer.id, {"invoice_settings": default})
        return customer

    def test_clock(self, at: datetime = START) -> Any:
        """Add a test clock."""
        frozen = int(at.timestamp())
        return self.v1.test_helpers.test_clocks.create({"frozen_time": frozen})

    def advance(self, clock: Any, at: int) -> Any:
        """Move a test clock and wait until everything has happened."""
        self.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": at})
        return self.v1.test_helpers.test_clocks.retrieve(clock.id)


@contextmanager
def account_with(
    keys: Credentials, documents: dict[str, list[Document]], judged: Judge
) -> Iterator[Account]:
    """Serve an account with these objects."""
    world = World({"stripe": documents})
    clock = Clock(START, running=False)
    before = stripe.ca_bundle_path
    with opened(world, keys, clock, only=["stripe"]) as doors:
        stripe.ca_bundle_path = doors.ca_file
        transport = Recording(judged, proxy=doors.proxy)
        client = stripe.StripeClient(
            keys.stripe_api_key, http_client=transport, max_network_retries=0
        )
        try:
            yield Account(doors, client, transport)
        finally:
            transport.close()
            stripe.ca_bundle_path = before


@pytest.fixture(scope="session")
def described() -> Judge:
    """Stripe's description of its API."""
    return judge()


@pytest.fixture
def accounts(
    keys: Credentials,
    described: Judge,
    record_property: Callable[[str, object], None],
) -> Iterator[Callable[..., Account]]:
    """Serve accounts, and hold what they answered against Stripe's description."""
    described.problems.clear()
    described.figures = figures = {"responses_validated": 0}
    record_property("judged", figures)
    with ExitStack() as stack:

        def serve(documents: dict[str, list[Document]] | None = None) -> Account:
            return stack.enter_context(account_with(keys, documents or {}, described))

        yield serve
    assert described.problems == []


@pytest.fixture
def account(accounts: Callable[..., Account]) -> Account:
    """Serve an empty account."""
    return accounts()
