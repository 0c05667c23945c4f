"""Stripe's lists bring all there is, each with the lists inside of it, and no lie."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion import stripe
from ingestion.errors import Refused, Transient
from ingestion.readings import Children, Gone, Known, Reading
from ingestion.stripe import lists
from ingestion.stripe.objects import BY_STREAM, KINDS
from tests.ingestion.stripe_walks import OVERLAP, START, STREAMS, Account, rows

OBJECTS = {kind.object: kind.stream for kind in KINDS} | {
    "balance_transaction": "balance_transactions",
    "invoice_payment": "invoice_payments",
    "billing.meter_event_summary": "meter_summaries",
}
CHILDREN = [child.stream for kind in KINDS for child in kind.children]


@pytest.fixture
def account(keys: Any) -> Account:
    """The company's account, which was loaded an hour ago."""
    return Account.loaded(keys)


@pytest.fixture(scope="module")
def untouched(keys: Any) -> Account:
    """An account that several tests look at and none changes."""
    account = Account.loaded(keys)
    account.call("GET", "balance_transactions")  # money whose day has come
    return account


def reading(name: str) -> Reading:
    """Return one of the walks of a first load."""
    return next(each for each in stripe.readings(Known(START)) if each.name == name)


@pytest.mark.parametrize("name", OBJECTS)
def test_a_first_load_brings_every_object(untouched: Account, name: str) -> None:
    """What the account holds is in the table, and nothing else."""
    assert set(untouched.alive(OBJECTS[name])) == set(untouched.documents(name))


def test_lists_inside_of_objects_are_complete(untouched: Account) -> None:
    """Every line of every invoice, also of those with more than Stripe shows."""
    invoices = untouched.documents("invoice").values()
    subscriptions = untouched.documents("subscription").values()
    notes = untouched.documents("credit_note").values()

    held = [len(each["lines"]["data"]) for each in invoices]
    assert max(held) > 10
    for stream, parents, field in (
        ("invoice_lines", invoices, "lines"),
        ("subscription_items", subscriptions, "items"),
        ("credit_note_lines", notes, "lines"),
    ):
        wanted = {
            (each["id"], parent["id"])
            for parent in parents
            for each in parent[field]["data"]
        }
        column = {"items": "subscription"}.get(field, stream.removesuffix("_lines"))
        assert {
            (key, row[column]) for key, row in untouched.alive(stream).items()
        } == wanted


def test_small_pages_bring_the_same(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects of one second lie on both sides of many borders of pages."""
    monkeypatch.setattr(lists, "PAGE", 7)
    anew = account.anew()

    anew.load()

    assert anew.tables == account.tables


@pytest.mark.parametrize("stream", BY_STREAM)
def test_an_object_that_is_read_by_its_id_is_as_it_was_listed(
    untouched: Account, stream: str
) -> None:
    """A refetch of what did not change writes nothing."""
    ids = sorted(untouched.alive(stream))[:45]

    found = rows(untouched.walk(stripe.named(stream, ids)))

    assert set(found.get(stream, {})) == set(ids)
    for name, table in found.items():
        assert {key: untouched.tables[name][key] for key in table} == table


def test_what_is_not_there_is_gone_with_all_that_it_held(untouched: Account) -> None:
    """One that was asked for by its id and is not there takes its lines along."""
    arrivals = untouched.walk(stripe.named("invoices", ["in_unknown"]))

    assert [each for each in arrivals if isinstance(each, Gone | Children)] == [
        Gone("invoices", ["in_unknown"]),
        Children("invoice_lines", "invoice", ("in_unknown",)),
        Children("invoice_payments", "invoice", ("in_unknown",)),
    ]


def test_an_id_that_a_person_chose_is_asked_for_as_it_is(account: Account) -> None:
    """A coupon may be called anything."""
    account.call("POST", "coupons", id="20% OFF", percent_off="20", duration="once")

    found = rows(account.walk(stripe.named("coupons", ["20% OFF"])))

    assert set(found["coupons"]) == {"20% OFF"}


@pytest.mark.parametrize("stream", ["invoice_lines", "meter_summaries", "nothing"])
def test_what_has_no_id_of_its_own_cannot_be_named(stream: str) -> None:
    """Whoever asks learns it at once, not after a walk."""
    with pytest.raises(KeyError, match=stream):
        stripe.named(stream, ["1"])


def test_more_that_was_announced_and_did_not_come_is_no_end(account: Account) -> None:
    """An empty page that says there is more is asked for again by the next load."""
    empty = {"object": "list", "data": [], "has_more": True}
    account.transport.answers["/v1/products"] = (200, empty)

    with pytest.raises(Transient, match=r"product: /v1/products announced more"):
        account.walk(reading("products"))


@pytest.mark.parametrize("body", [[], {}, {"data": [{}], "has_more": False}, "no"])
def test_what_is_no_list_is_refused(account: Account, body: object) -> None:
    """Another program's answer is not taken for an empty account."""
    account.transport.answers["/v1/products"] = (200, body)

    with pytest.raises(Refused, match="product: what stands for /v1/products is no"):
        account.walk(reading("products"))


def test_lines_without_an_end_are_refused(account: Account) -> None:
    """An invoice whose lines begin again and again does not hold the load up."""
    account.transport.answers["/v1/invoices"] = one(
        lines={"data": [{"id": "il_1"}], "has_more": True}, payments=NONE
    )
    again = {"data": [{"id": "il_2"}], "has_more": True}
    account.transport.answers["/v1/invoices/in_1/lines"] = (200, again)

    with pytest.raises(Refused, match=r"invoice in_1: .* was announced twice"):
        account.walk(reading("invoices"))


NONE = {"data": [], "has_more": False}


def one(**fields: Any) -> tuple[Any, ...]:
    """Return the answer with a list of one invoice."""
    page = {"data": [{"id": "in_1", **fields}], "has_more": False}
    return 200, page


def test_a_draft_that_vanishes_meanwhile_takes_nothing_with_it(
    account: Account,
) -> None:
    """It was deleted after the page that shows it and before the rest of its lines."""
    longest = max(
        account.documents("invoice").values(),
        key=lambda invoice: len(invoice["lines"]["data"]),
    )
    gone = {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
    path = f"/v1/invoices/{longest['id']}/lines"
    account.transport.answers[path] = (404, gone)

    found = rows(account.walk(reading("invoices")))

    assert set(account.documents("invoice")) - set(found["invoices"]) == {longest["id"]}


def test_a_load_of_the_past_asks_for_that_past(account: Account) -> None:
    """Both ends of the window are asked for, and they belong to it."""
    created = sorted(each["created"] for each in account.documents("charge").values())
    first, last = created[20], created[60]
    account.since = {"charges": datetime.fromtimestamp(first, UTC)}
    until = datetime.fromtimestamp(last, UTC)

    found = rows(account.walk(reading("charges"), until))

    assert set(found["charges"]) == {
        each["id"]
        for each in account.documents("charge").values()
        if first <= each["created"] <= last
    }


def walked(known: Known) -> tuple[set[str], set[str]]:
    """Return what a load lists, and what it takes from events."""
    listed = {name for each in stripe.readings(known) for name in each.lists}
    told = {
        name
        for each in stripe.readings(known)
        if each.name.startswith("changes")
        for name in each.fills
    }
    return listed, told


NEWER = START + timedelta(hours=1)
ALL = dict.fromkeys(STREAMS, START)
LISTED = {name for kind in KINDS for name in kind.streams} | {"balance_transactions"}
TOLD = LISTED - {"balance_transactions"} | {"payout_transactions"}


def test_every_stream_is_filled_whatever_is_known() -> None:
    """No stream is forgotten between lists and events."""
    for known in (Known(NEWER), Known(NEWER, ALL), Known(NEWER, ALL, ALL)):
        filled = {name for each in stripe.readings(known) for name in each.fills}
        assert filled == set(STREAMS)


def test_all_is_listed_at_first_and_then_events_tell() -> None:
    """What no event tells of is in neither."""
    assert walked(Known(NEWER)) == (LISTED, set())
    assert walked(Known(NEWER, ALL, ALL)) == (set(), TOLD)


def test_all_is_listed_once_a_day() -> None:
    """What no event told of is found, by a sweep."""
    day = START + stripe.SWEEP_EVERY

    assert walked(Known(day, ALL, ALL)) == (LISTED, {"payout_transactions"})
    assert walked(Known(day - timedelta(seconds=1), ALL, ALL)) == (set(), TOLD)


def test_a_stream_that_is_new_is_listed_with_its_family() -> None:
    """The others still follow the events."""
    known = {name: at for name, at in ALL.items() if name != "invoice_lines"}
    family = {"invoices", "invoice_lines", "invoice_payments"}

    assert walked(Known(NEWER, known, ALL)) == (family, TOLD - family)


def test_what_the_log_does_not_reach_back_to_is_listed() -> None:
    """Stripe keeps its events for 30 days."""
    old = {name: START - timedelta(days=29) - OVERLAP for name in STREAMS}

    assert walked(Known(START, old, ALL)) == (LISTED, set())
