"""Whatever is done to an account in whatever order: the books stay right, no 500."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.server import application
from sandbox.store import Store
from tests.sandbox.stripe.fuzzing import HOSTILE

pytestmark = pytest.mark.judge("hypothesis")

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEYS: Credentials = credentials(7)
DAY = 86_400
# From where an invoice may go on to where.
MOVES = {
    "draft": {"draft", "open", "paid", "deleted"},
    "open": {"open", "paid", "void", "uncollectible"},
    "uncollectible": {"uncollectible", "paid", "void"},
    "paid": {"paid"},
    "void": {"void"},
}
ACTS = ("finalize", "pay", "void", "mark_uncollectible", "send")
ENDED = ("canceled", "incomplete_expired")


class Account(RuleBasedStateMachine):
    """One account; `seen` is the last known status of each invoice."""

    customers = Bundle("customers")
    subscriptions = Bundle("subscriptions")
    invoices = Bundle("invoices")

    def __init__(self) -> None:
        """Serve an account in process."""
        super().__init__()
        self.clock = Clock(START, running=False)
        self.store = Store({}, self.clock)
        app = application(self.store, KEYS, only=["stripe"])
        self.client: httpx.Client = in_process(app, "stripe")
        self.client.headers["Authorization"] = f"Bearer {KEYS.stripe_api_key}"
        self.seen: dict[str, str] = {}
        self.over: set[str] = set()

    def ask(self, method: str, path: str, **form: str) -> tuple[int, Any]:
        """Send a request; the answer is Stripe's, whatever it was."""
        given = {"data": form} if method == "POST" else {"params": form}
        response = self.client.request(method, f"/v1/{path}", **given)  # type: ignore[arg-type]
        assert response.status_code < 500, (path, form, response.text)
        body = response.json()
        if response.status_code >= 400:
            assert body["error"]["type"], body
        return response.status_code, body

    @initialize()
    def catalogue(self) -> None:
        """Sell two things by the month and one by the year."""
        product = self.ask("POST", "products", name="Seats")[1]["id"]
        self.prices = [
            self.ask(
                "POST",
                "prices",
                product=product,
                currency="usd",
                unit_amount=amount,
                **{"recurring[interval]": interval},
            )[1]["id"]
            for amount, interval in (
                ("1000", "month"),
                ("2550", "month"),
                ("9999", "year"),
            )
        ]
        frozen = str(int(START.timestamp()))
        clock = self.ask("POST", "test_helpers/test_clocks", frozen_time=frozen)[1]
        self.test_clock = clock["id"]

    @rule(
        target=customers,
        card=st.sampled_from(["pm_card_visa", "pm_card_chargeCustomerFail", ""]),
    )
    def customer(self, card: str) -> str:
        """Add a customer on the clock, with a good card, a bad one or none."""
        customer = self.ask("POST", "customers", test_clock=self.test_clock)[1]["id"]
        if card:
            path = f"payment_methods/{card}/attach"
            method = self.ask("POST", path, customer=customer)[1]["id"]
            name = "invoice_settings[default_payment_method]"
            self.ask("POST", f"customers/{customer}", **{name: method})
        return str(customer)

    @rule(
        target=subscriptions,
        customer=customers,
        price=st.integers(0, 2),
        days=st.sampled_from(["", "7"]),
    )
    def subscribe(self, customer: str, price: int, days: str) -> Any:
        """Subscribe a customer."""
        form = {"customer": customer, "items[0][price]": self.prices[price]}
        if days:
            form["trial_period_days"] = days
        status, body = self.ask("POST", "subscriptions", **form)
        return body["id"] if status == 200 else multiple()

    @rule(
        subscription=subscriptions,
        price=st.integers(0, 2),
        quantity=st.integers(0, 9),
        behavior=st.sampled_from(["create_prorations", "always_invoice", "none"]),
    )
    def change(
        self, subscription: str, price: int, quantity: int, behavior: str
    ) -> None:
        """Change price and quantity."""
        held = self.ask("GET", f"subscriptions/{subscription}")[1]
        form = {
            "items[0][id]": held["items"]["data"][0]["id"],
            "items[0][price]": self.prices[price],
            "items[0][quantity]": str(quantity),
            "proration_behavior": behavior,
        }
        status, _ = self.ask("POST", f"subscriptions/{subscription}", **form)
        assert status == 400 if held["status"] in ENDED else status in (200, 400)

    @rule(
        subscription=subscriptions,
        form=st.sampled_from(
            [
                {"cancel_at_period_end": "true"},
                {"cancel_at_period_end": "false"},
                {"pause_collection[behavior]": "void"},
                {"pause_collection": ""},
                {"trial_end": "now"},
                {"billing_cycle_anchor": "now"},
                {"metadata[a]": "b"},
            ]
        ),
    )
    def settle(self, subscription: str, form: dict[str, str]) -> None:
        """Change when and how it is billed."""
        self.ask("POST", f"subscriptions/{subscription}", **form)

    @rule(subscription=consumes(subscriptions))
    def cancel(self, subscription: str) -> None:
        """End a subscription; a second time there is none."""
        self.ask("DELETE", f"subscriptions/{subscription}", prorate="true")
        second, _ = self.ask("DELETE", f"subscriptions/{subscription}")
        assert second == 400

    @rule(subscription=subscriptions)
    def schedule(self, subscription: str) -> None:
        """Put a schedule around a subscription."""
        self.ask("POST", "subscription_schedules", from_subscription=subscription)

    @rule(target=invoices, customer=customers, amount=st.integers(-500, 5000))
    def bill(self, customer: str, amount: int) -> str:
        """Draft an invoice with one line."""
        invoice = self.ask("POST", "invoices", customer=customer)[1]["id"]
        line = {"customer": customer, "invoice": invoice, "currency": "usd"}
        self.ask("POST", "invoiceitems", amount=str(amount), **line)
        return str(invoice)

    @rule(invoice=invoices, act=st.sampled_from(ACTS))
    def move(self, invoice: str, act: str) -> None:
        """Do something to an invoice, allowed or not."""
        self.ask("POST", f"invoices/{invoice}/{act}")

    @rule(invoice=invoices, amount=st.integers(1, 2000))
    def credit(self, invoice: str, amount: int) -> None:
        """Credit an invoice, and refund what is paid."""
        held = self.ask("GET", f"invoices/{invoice}")[1]
        form = {"invoice": invoice, "amount": str(amount)}
        if held.get("status") == "paid":
            form["refund_amount"] = str(amount)
        self.ask("POST", "credit_notes", **form)

    @rule(days=st.integers(1, 40))
    def advance(self, days: int) -> None:
        """Let time go by for the customers."""
        path = f"test_helpers/test_clocks/{self.test_clock}"
        frozen = self.ask("GET", path)[1]["frozen_time"]
        self.ask("POST", f"{path}/advance", frozen_time=str(frozen + days * DAY))
        assert self.ask("GET", path)[1]["status"] == "ready"

    @rule(
        path=st.sampled_from(["customers", "subscriptions", "invoices", "prices"]),
        name=st.sampled_from(
            ["customer", "limit", "items[0][price]", "expand[]", "x[]"]
        ),
        value=st.sampled_from(HOSTILE),
    )
    def attack(self, path: str, name: str, value: str) -> None:
        """Send nonsense."""
        for method in ("GET", "POST"):
            self.ask(method, path, **{name: value})

    @invariant()
    def invoices_add_up(self) -> None:
        """Sums follow from lines, and no invoice goes back."""
        now: dict[str, str] = {}
        for invoice in self.store.collection("stripe", "invoice"):
            lines = invoice["lines"]["data"]
            cuts = sum(
                each["amount"] for line in lines for each in line["discount_amounts"]
            )
            assert invoice["subtotal"] == sum(line["amount"] for line in lines)
            assert invoice["total"] == invoice["subtotal"] - cuts
            assert invoice["amount_remaining"] >= 0
            if invoice["status"] == "paid":
                assert invoice["amount_remaining"] == 0
            now[invoice["id"]] = invoice["status"]
        for invoice_id, before in self.seen.items():
            assert now.get(invoice_id, "deleted") in MOVES[before]
        self.seen = now

    @invariant()
    def what_is_over_stays_over(self) -> None:
        """An ended subscription does not come back, a running one has a period."""
        for subscription in self.store.collection("stripe", "subscription"):
            if subscription["id"] in self.over:
                assert subscription["status"] in ENDED
            if subscription["status"] in ENDED:
                self.over.add(subscription["id"])
            for item in subscription["items"]["data"]:
                assert item["current_period_start"] < item["current_period_end"]

    @invariant()
    def money_is_neither_made_nor_lost(self) -> None:
        """The balance is what was charged less what was given back."""
        held = self.store.collection("stripe", "charge")
        charged = sum(each["amount_captured"] for each in held)
        back = sum(each["amount"] for each in self.store.collection("stripe", "refund"))
        entries = self.store.collection("stripe", "balance_transaction")
        assert sum(each["amount"] for each in entries) == charged - back

    def teardown(self) -> None:
        """Close the account."""
        self.client.close()
        self.store.close()


TestAccount = Account.TestCase
TestAccount.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
)
