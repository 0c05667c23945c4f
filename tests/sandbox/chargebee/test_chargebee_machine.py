"""Chargebee against hypothesis: valid and hostile calls, and a small model beside it.

Whatever is sent, the answer is never a failure of the sandbox, every error has the
vendor's shape, and every invoice's amounts sum.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox.chargebee.routes import GET, POST
from sandbox.credentials import credentials
from tests.sandbox.chargebee.conftest import (
    BAD_CARD,
    DAY,
    GOOD_CARD,
    flat,
    in_one_process,
)

pytestmark = pytest.mark.judge("hypothesis")

KEYS = credentials(7)
KINDS = {"payment", "invalid_request", "operation_failed", None}
KINDS |= {"ubb_batch_ingestion_invalid_request"}
AMOUNTS = ("amount_paid", "credits_applied", "amount_adjusted", "write_off_amount")
WORDS = (
    *("id", "limit", "offset", "sort_by[asc]", "updated_at[after]", "status[in]"),
    *("updated_at[between]", "id[starts_with]", "include_deleted", "company", "email"),
    *("billing_address[country]", "meta_data", "net_term_days", "auto_collection"),
    *("subscription_items[item_price_id][0]", "subscription_items[quantity][0]"),
    *("subscription_items[x]", "subscription_items[quantity][999]", "coupon_ids[0]"),
    *("start_date", "trial_end", "change_option", "cancel_option", "cancel_at"),
    *("pause_option", "resume_date", "term_ends_at", "prorate", "billing_cycles"),
    *("customer_id", "subscription_id", "item_prices[item_price_id][0]", "notes"),
    *("charges[amount][0]", "charges[description][0]", "refund_amount", "amount"),
    *("transaction[amount]", "transaction[payment_method]", "transaction[date]"),
    *("total", "type", "reason_code", "reference_invoice_id", "destination_time"),
    *("item_price_id", "quantity", "usage_date", "name", "item_family_id", "url"),
    *("pricing_model", "price", "period", "period_unit", "tiers[price][0]"),
    *("tiers[starting_unit][0]", "tiers[ending_unit][0]", "discount_percentage"),
    *("discount_type", "discount_amount", "duration_type", "apply_on", "status"),
    *("entity_type", "entity_id", "payment_source_id", "card[number]", "item_id"),
    *("card[expiry_month]", "card[expiry_year]", "{}", "id[in]", "[", "genesis_time"),
)
VALUES = st.sampled_from(
    (
        *("", "0", "1", "-1", "100", "999999999999999", "9" * 30, "1e9", "NaN"),
        *("true", "false", "basic-month", "seats-month", "calls-month", "setup-once"),
        *("basic", "main", "cust_01", "cust_02", "active", "archived", "on", "off"),
        *("end_of_term", "immediately", "specific_date", "adjustment", "refundable"),
        *("customer", "percentage", "fixed_amount", "tiered", "per_unit", "month"),
        *("cash", '{"a": 1}', '["1","2"]', "['a']", "[", "[]", '["1","9"]', "{x}"),
        *("1793620800", "1796300000", "1799000000", "created_at", "updated_at", "half"),
        *(
            "4111111111111111",
            "12",
            "2030",
            "50",
            "33.3",
            "a@b.cc",
            "DE",
            "USD",
            "plan",
        ),
    )
) | st.text(max_size=12)
# A time machine that clears the site would leave the other rules nothing to do.
PATHS = sorted(set(POST) - {"/time_machines/{id}/start_afresh"})


# Calls that are right; one word of theirs is made wrong.
RIGHT: dict[str, dict[str, str]] = {
    "/customers": {"company": "X", "email": "a@b.cc", "billing_address[country]": "DE"},
    "/customers/{id}/assign_payment_role": {"payment_source_id": "@payment_source"},
    "/customers/{id}/update_billing_info": {"vat_number": "DE1"},
    "/items": {"id": "i", "name": "I", "type": "plan", "item_family_id": "main"},
    "/item_families": {"id": "f", "name": "F"},
    "/item_prices": {
        "id": "p",
        "name": "P",
        "item_id": "seats",
        "period": "1",
        "period_unit": "month",
        "price": "5",
    },
    "/coupons/create_for_items": {
        "id": "c",
        "name": "C",
        "discount_type": "fixed_amount",
        "discount_amount": "500",
        "apply_on": "invoice_amount",
    },
    "/customers/{id}/subscription_for_items": {
        "subscription_items[item_price_id][0]": "basic-month",
        "subscription_items[item_price_id][1]": "seats-month",
        "subscription_items[quantity][1]": "3",
        "coupon_ids[0]": "half",
        "start_date": "1793620800",
        "billing_cycles": "2",
    },
    "/subscriptions/{id}/update_for_items": {
        "subscription_items[item_price_id][0]": "basic-year",
        "replace_items_list": "true",
        "prorate": "true",
        "invoice_immediately": "false",
        "end_of_term": "false",
    },
    "/subscriptions/{id}/pause": {
        "pause_option": "specific_date",
        "pause_date": "1796300000",
        "resume_date": "1799000000",
    },
    "/subscriptions/{id}/cancel_for_items": {
        "cancel_option": "specific_date",
        "cancel_at": "1799000000",
        "credit_option_for_current_term_charges": "full",
        "unbilled_charges_option": "delete",
    },
    "/subscriptions/{id}/change_term_end": {
        "term_ends_at": "1799000000",
        "prorate": "true",
    },
    "/subscriptions/{id}/usages": {
        "item_price_id": "calls-month",
        "quantity": "7",
        "usage_date": "1793530800",
    },
    "/subscriptions/{id}/delete_usage": {"id": "@usage"},
    "/invoices/create_for_charge_items_and_charges": {
        "customer_id": "@customer",
        "item_prices[item_price_id][0]": "setup-once",
        "item_prices[quantity][0]": "2",
        "charges[amount][0]": "700",
        "charges[description][0]": "Work",
        "coupon_ids[0]": "half",
    },
    "/invoices/{id}/record_payment": {
        "transaction[payment_method]": "cash",
        "transaction[amount]": "600",
        "transaction[status]": "success",
    },
    "/invoices/{id}/record_refund": {
        "transaction[payment_method]": "cash",
        "transaction[amount]": "10",
        "transaction[date]": "1793530800",
    },
    "/invoices/{id}/refund": {"refund_amount": "20"},
    "/credit_notes": {
        "reference_invoice_id": "@invoice",
        "type": "adjustment",
        "total": "10",
        "reason_code": "waiver",
    },
    "/credit_notes/{id}/record_refund": {
        "transaction[payment_method]": "cash",
        "transaction[date]": "1793530800",
    },
    "/unbilled_charges": {
        "subscription_id": "@subscription",
        "charges[amount][0]": "700",
        "charges[description][0]": "Work",
    },
    "/unbilled_charges/invoice_unbilled_charges": {"customer_id": "@customer"},
    "/payment_sources/create_card": {
        "customer_id": "@customer",
        "card[number]": "4119862760338320",
        "card[expiry_month]": "12",
        "card[expiry_year]": "2030",
        "replace_primary_payment_source": "true",
    },
    "/comments": {"entity_type": "invoice", "entity_id": "@invoice", "notes": "Hello"},
    "/webhook_endpoints": {"name": "W", "url": "http://127.0.0.1:9/hook"},
}


class Machine(RuleBasedStateMachine):
    """A site that good and bad callers use at once."""

    def __init__(self) -> None:
        """Open the site."""
        super().__init__()
        self.opened = in_one_process(KEYS)
        self.site: Any = self.opened.__enter__()
        self.customers: dict[str, str] = {}
        self.furnish()

    def furnish(self) -> None:
        """Put one of everything into the site: no operation lacks its object."""
        site = self.site
        site.post(
            "/coupons/create_for_items",
            id="half",
            name="Half",
            discount_percentage=50,
            apply_on="invoice_amount",
        )
        rows = [{"item_price_id": each} for each in ("basic-month", "calls-month")]
        told = site.subscribed(site.with_card(), subscription_items=rows)
        identity = told["subscription"]["id"]
        waiting = [{"amount": 100, "description": "Work"}]
        site.post("/unbilled_charges", subscription_id=identity, charges=waiting)
        used = {"item_price_id": "calls-month", "quantity": 3}
        path = f"/subscriptions/{identity}/usages"
        site.post(path, usage_date=site.clock.seconds(), **used)
        site.post(
            "/credit_notes",
            reference_invoice_id=told["invoice"]["id"],
            total=10,
            type="refundable",
        )
        about = {"entity_type": "customer", "entity_id": "cust_01"}
        site.post("/comments", notes="Hello", **about)
        site.post("/webhook_endpoints", name="Hook", url="http://127.0.0.1:9/hook")

    def teardown(self) -> None:
        """Close the site."""
        self.opened.__exit__(None, None, None)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Call, and hold the answer against the vendor's shape."""
        answer = self.site.client.request(method, path, **options)
        told = answer.json()
        assert answer.status_code < 500, (method, path, options, told)
        if answer.status_code >= 400:
            assert told["http_status_code"] == answer.status_code
            assert told.get("type") in KINDS
            assert told["message"]
            assert told["api_error_code"]
        return answer

    def some(self, name: str, number: int) -> str:
        """Return the id of a record of a kind, or one that nobody has."""
        if not name.isidentifier():
            return "nobody"
        ids = self.site.store.collection("chargebee", name).ids()
        return ids[number % len(ids)] if ids else "nobody"

    @rule(name=st.text(min_size=1, max_size=10), good=st.booleans())
    def create_customer(self, name: str, *, good: bool) -> None:
        """A customer with a card is created, and reads as it was written."""
        fields = {"company": name, "card": GOOD_CARD if good else BAD_CARD}
        told = self.ask("POST", "/customers", data=flat(fields))
        assert told.status_code == 200
        self.customers[told.json()["customer"]["id"]] = name

    @rule(number=st.integers(0, 50), seats=st.integers(1, 9))
    def subscribe(self, number: int, seats: int) -> None:
        """A customer subscribes."""
        rows = [
            {"item_price_id": "basic-month"},
            {"item_price_id": "seats-month", "quantity": seats},
            {"item_price_id": "calls-month"},
        ]
        path = f"/customers/{self.some('customer', number)}/subscription_for_items"
        self.ask("POST", path, data=flat({"subscription_items": rows}))

    @rule(number=st.integers(0, 50), seats=st.integers(1, 9), days=st.integers(0, 40))
    def change(self, number: int, seats: int, days: int) -> None:
        """A subscription changes after some days."""
        self.site.clock.advance(days * DAY)
        identity = self.some("subscription", number)
        rows = [{"item_price_id": "seats-month", "quantity": seats}]
        path = f"/subscriptions/{identity}/update_for_items"
        self.ask("POST", path, data=flat({"subscription_items": rows}))

    @rule(days=st.integers(1, 70))
    def travel(self, days: int) -> None:
        """Time passes."""
        to = self.site.clock.seconds() + days * DAY
        path = "/time_machines/delorean/travel_forward"
        self.ask("POST", path, data={"destination_time": to})

    @rule(
        number=st.integers(0, 50),
        verb=st.sampled_from(
            ("cancel_for_items", "pause", "resume", "reactivate", "change_term_end")
        ),
        option=st.sampled_from(("prorate", "full", "none")),
    )
    def end(self, number: int, verb: str, option: str) -> None:
        """A subscription ends, rests or goes on."""
        fields = {}
        if verb == "cancel_for_items":
            fields["credit_option_for_current_term_charges"] = option
        if verb == "change_term_end":
            fields["term_ends_at"] = str(self.site.clock.seconds() + 50 * DAY)
            fields["prorate"] = "true"
        path = f"/subscriptions/{self.some('subscription', number)}/{verb}"
        self.ask("POST", path, data=fields)

    @rule(
        number=st.integers(0, 50),
        verb=st.sampled_from(("refund", "write_off", "void", "collect_payment")),
    )
    def settle(self, number: int, verb: str) -> None:
        """An invoice is paid, given back or given up."""
        self.ask("POST", f"/invoices/{self.some('invoice', number)}/{verb}")

    @rule(
        path=st.sampled_from(PATHS),
        number=st.integers(0, 50),
        fields=st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=9),
        key=st.sampled_from(("", "k1", "k2")),
    )
    def post_anything(
        self, path: str, number: int, fields: dict[str, str], key: str
    ) -> None:
        """Any operation with parameters that are understood, to no good end."""
        name = path.split("/")[1]
        kind = {"item_families": "item_family"}.get(name, name.removesuffix("s"))
        kind = {"card": "payment_source"}.get(kind, kind)
        identity = "delorean" if kind == "time_machine" else self.some(kind, number)
        headers = {"chargebee-idempotency-key": key} if key else {}
        path = path.replace("{id}", identity)
        if path.endswith("/travel_forward"):
            fields.pop("destination_time", None)
        fields = {name: self.resolved(each, number) for name, each in fields.items()}
        answer = self.ask("POST", path, data=fields, headers=headers)
        # What the operation does not take is left out: what is left reaches further.
        while "not a parameter" in answer.json().get("message", ""):
            del fields[answer.json()["param"]]
            answer = self.ask("POST", path, data=fields)
        if answer.status_code == 200 and path.startswith("/customers/"):
            self.customers.pop(identity, None)

    @rule(
        path=st.sampled_from(sorted(RIGHT)),
        number=st.integers(0, 50),
        place=st.integers(0, 9),
        value=st.none() | VALUES,
        days=st.integers(0, 20),
    )
    def post_nearly_right(
        self, path: str, number: int, place: int, value: str | None, days: int
    ) -> None:
        """A call that is right, or wrong in a single word, after some days."""
        self.site.clock.advance(days * DAY)
        fields = dict(RIGHT[path])
        word = sorted(fields)[place % len(fields)]
        if value is not None:
            fields[word] = value
        fields = {name: self.resolved(each, number) for name, each in fields.items()}
        kind = path.split("/")[1].removesuffix("s")
        identity = self.some(kind, number)
        answer = self.ask("POST", path.replace("{id}", identity), data=fields)
        if answer.status_code == 200 and path.startswith("/customers/"):
            self.customers.pop(identity, None)

    @rule(
        path=st.sampled_from(sorted(GET)),
        number=st.integers(0, 50),
        fields=st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4),
    )
    def get_anything(self, path: str, number: int, fields: dict[str, str]) -> None:
        """Any list or record with any filter."""
        name = path.split("/")[1].removesuffix("s")
        path = path.replace("{id}", self.some(name, number))
        fields = {key: self.resolved(each, number) for key, each in fields.items()}
        answer = self.ask("GET", path, params=fields)
        while "not a parameter" in answer.json().get("message", ""):
            del fields[answer.json()["param"]]
            answer = self.ask("GET", path, params=fields)

    def resolved(self, value: str, number: int) -> str:
        """Return a value; `@invoice` is the id of some invoice."""
        return self.some(value[1:], number) if value[:1] == "@" else value

    @rule(
        path=st.sampled_from(("/customers", "/usage_events", "/batch/usage_events")),
        body=st.binary(max_size=30)
        | st.sampled_from((b'{"events":[1]}', b'{"events":[{"subscription_id":1}]}')),
        kind=st.sampled_from(
            ("application/json", "text/plain", "application/x-www-form-urlencoded", "")
        ),
    )
    def post_bytes(self, path: str, body: bytes, kind: str) -> None:
        """Any bytes of any type."""
        self.ask("POST", path, content=body, headers={"Content-Type": kind})

    @invariant()
    def amounts_sum(self) -> None:
        """Every invoice's total is accounted for, and nothing is below zero."""
        for invoice in self.site.records("invoice"):
            parts = [invoice[name] for name in AMOUNTS]
            if invoice["status"] != "voided":
                assert invoice["total"] == sum(parts) + invoice["amount_due"], invoice
            assert min(*parts, invoice["amount_due"]) >= 0
        for note in self.site.records("credit_note"):
            assert note["amount_available"] >= 0

    @invariant()
    def customers_are_as_they_were_written(self) -> None:
        """Nobody's name changes by itself."""
        held = {e["id"]: e.get("company") for e in self.site.records("customer")}
        for identity, name in self.customers.items():
            assert held[identity] == name


Machine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestMachine = Machine.TestCase
