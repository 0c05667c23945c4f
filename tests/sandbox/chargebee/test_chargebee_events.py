"""Chargebee's events: what is told of which write, and to whom."""

from typing import Any

import pytest


def told(site: Any) -> list[str]:
    """Return the types of all events, the oldest first."""
    return [each["event_type"] for each in site.records("event")]


def test_every_write_is_an_event(site: Any) -> None:
    """A customer's life and a subscription's are told in Chargebee's words."""
    customer = site.with_card()
    identity = site.subscribed(customer)["subscription"]["id"]
    path = f"/subscriptions/{identity}"
    before = len(told(site))
    site.post(f"{path}/pause", pause_option="immediately")
    site.post(f"{path}/resume", resume_option="immediately")
    site.post(f"{path}/cancel_for_items", end_of_term=True)
    site.post(f"{path}/remove_scheduled_cancellation")
    site.travel(31)
    site.post(f"{path}/cancel_for_items")
    site.post(f"{path}/delete")

    types = told(site)

    assert {"customer_created", "payment_source_added", "subscription_created"} <= set(
        types[:before]
    )
    assert {"invoice_generated", "payment_succeeded"} <= set(types[:before])
    assert [each for each in types[before:] if each.startswith("subscription")] == [
        "subscription_paused",
        "subscription_resumed",
        "subscription_cancellation_scheduled",
        "subscription_scheduled_cancellation_removed",
        "subscription_renewed",
        "subscription_cancelled",
        "subscription_deleted",
    ]


def test_an_event_says_what_changed_and_who_did_it(site: Any) -> None:
    """A person's edit is an event too, with its own source."""
    site.store.update(
        "chargebee",
        "customer",
        "cust_01",
        {"company": "By hand"},
        actor="human",
        request_id="edit_1",
    )

    (event,) = site.get("/events")["list"]

    shown = event["event"]
    assert (shown["event_type"], shown["source"]) == (
        "customer_changed",
        "admin_console",
    )
    assert shown["content"]["customer"]["company"] == "By hand"
    assert shown["webhook_status"] == "not_configured"
    assert site.get(f"/events/{shown['id']}")["event"] == shown


def test_events_are_filtered_by_type_and_time(site: Any) -> None:
    """Who missed webhooks reads the events of the time between."""
    site.post("/customers/cust_01", company="One")
    site.clock.advance(100)
    site.post("/customers", company="Two")
    now = site.clock.seconds()

    kinds = site.get("/events", **{"event_type[in]": "['customer_created']"})
    later = site.get("/events", start_time=now)
    sooner = site.get("/events", **{"occurred_at[before]": now})

    assert [e["event"]["event_type"] for e in kinds["list"]] == ["customer_created"]
    assert [e["event"]["event_type"] for e in later["list"]] == ["customer_created"]
    assert [e["event"]["event_type"] for e in sooner["list"]] == ["customer_changed"]


def test_a_write_that_is_taken_back_is_no_event(site: Any) -> None:
    """Where the first payment fails nothing is told of the subscription."""
    bad = {"number": "4119862760338320", "expiry_month": 12, "expiry_year": 2030}
    customer = site.with_card(bad)
    before = told(site)

    site.ask(
        f"/customers/{customer}/subscription_for_items",
        subscription_items=[{"item_price_id": "basic-month"}],
    )

    assert told(site) == before


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "http://example.com:80/hook",
        "http://127.0.0.1/hook",
        "file:///etc/passwd",
        "nonsense",
    ],
)
def test_only_this_machine_is_called(site: Any, url: str) -> None:
    """An address elsewhere is refused when the endpoint is made."""
    answer = site.ask("/webhook_endpoints", name="Out", url=url)

    assert (answer.status_code, answer.json()["param"]) == (400, "url")


def test_endpoints_are_five_at_most_and_keep_their_password(site: Any) -> None:
    """The password is never shown; the sixth endpoint is refused."""
    fields = {"url": "http://127.0.0.1:9/hook", "basic_auth_password": "secret"}
    made = [
        site.post("/webhook_endpoints", name=f"E{place}", **fields)["webhook_endpoint"]
        for place in range(5)
    ]
    sixth = site.ask("/webhook_endpoints", name="E5", **fields)
    site.post(f"/webhook_endpoints/{made[0]['id']}", disabled=True)
    site.post(f"/webhook_endpoints/{made[1]['id']}/delete")

    listed = site.get("/webhook_endpoints")["list"]

    assert sixth.status_code == 400
    assert "secret" not in str(listed) + str(made)
    assert listed[0]["webhook_endpoint"].keys() == made[0].keys()
    assert sorted(e["webhook_endpoint"]["name"] for e in listed) == [
        "E0",
        "E2",
        "E3",
        "E4",
    ]
