"""Destinations: what one vendor does unlike the others is understood at its edge."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ingestion.errors import Conflict, Rejected, Unknown
from reverse_etl.change import FieldChange
from reverse_etl.destinations import Answer, Destination, Held, Outgoing
from reverse_etl.destinations.netsuite import NetSuite
from reverse_etl.destinations.registry import connect
from reverse_etl.destinations.wire import json_number
from reverse_etl.destinations.zendesk import Zendesk
from reverse_etl.money import exponent, major, minor
from tests.conftest import SandboxProcess
from tests.reverse_etl.vendors import (
    company,
    connected,
    invoice_items,
    invoices,
    outgoing,
    some,
)


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One company for all these tests; each takes records of its own."""
    with company(tmp_path_factory.mktemp("vendors")) as running:
        yield running


@pytest.fixture
def destinations(vendors: SandboxProcess) -> Iterator[Mapping[str, Destination]]:
    """The destinations, connected as in production; faults are cleared."""
    with connected(vendors) as there:
        yield there


def test_salesforce_answers_for_each_record(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """A bad record in a collection has its own fault; the others are done."""
    good, bad = some(vendors, "salesforce", 6, 2)
    bad = replace(bad, record_id="001000000000000AAA")

    first, second = destinations["salesforce"].send(outgoing(good, bad))

    assert first == Answer(record_id=good.record_id)
    assert isinstance(second.fault, Conflict | Rejected)
    assert (second.fault.object, second.fault.record_id) == ("Account", bad.record_id)


def test_salesforce_without_a_reason_is_a_rejection(vendors: SandboxProcess) -> None:
    """A failure that names no error goes to a person."""
    (change,) = some(vendors, "salesforce", 8, 1)
    vendors.faults(
        [
            {
                "system": "salesforce",
                "method": "PATCH",
                "kind": "status",
                "status": 200,
                "body": [{"id": change.record_id, "success": False, "errors": []}],
            }
        ]
    )
    alone = {**vendors.environment, "SALESFORCE_UNCONDITIONAL": "Account"}
    salesforce = connect(alone)["salesforce"]

    (answer,) = salesforce.send(outgoing(change))

    assert isinstance(answer.fault, Rejected)
    assert answer.fault.reason == "no reason was given"


def test_salesforce_ids_cannot_break_out_of_the_query(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """A quote in an id stays inside the literal, which Salesforce then refuses."""
    (change,) = some(vendors, "salesforce", 8, 1)
    bad = replace(change, record_id="x') OR (Name != 'y\\")

    with pytest.raises(Rejected, match="invalid ID field"):
        destinations["salesforce"].read([bad])


def test_stripe_metadata_is_a_field_like_others(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """A dotted name becomes a form's brackets, and an empty value clears it."""
    stripe = destinations["stripe"]
    (plain,) = some(vendors, "stripe", 6, 1)
    field = FieldChange("metadata.duplicate_of", "duplicate_of", None, "cus_other")
    put = replace(plain, fields=(field,))
    clear = replace(plain, fields=(replace(field, ours=None),))

    stripe.send(outgoing(put))
    held = stripe.read([put])[put.change_id].fields
    stripe.send([Outgoing(clear, "clear-0")])
    cleared = stripe.read([clear])[clear.change_id].fields

    assert held == {"metadata.duplicate_of": "cus_other"}
    assert cleared == {"metadata.duplicate_of": None}


def test_stripe_discounts_are_set_and_cleared(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """A subscription's discount is its coupon; none is an empty list."""
    stripe = destinations["stripe"]
    coupon = vendors.records("stripe", "coupon")[0]["id"]
    subscription = next(
        each
        for each in vendors.records("stripe", "subscription")
        if each["status"] == "active" and not each["discounts"]
    )
    (plain,) = some(vendors, "stripe", 0, 1)
    field = FieldChange("discounts", "discount_coupon_id", None, coupon)
    put = replace(
        plain, object="subscription", record_id=subscription["id"], fields=(field,)
    )
    clear = replace(put, fields=(replace(field, ours=None),))

    stripe.send(outgoing(put))
    held = stripe.read([put])[put.change_id].fields
    stripe.send([Outgoing(clear, "clear-1")])
    cleared = stripe.read([clear])[clear.change_id].fields

    assert held == {"discounts": coupon}
    assert cleared == {"discounts": None}


def test_a_stripe_customer_that_was_deleted_is_left_out(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Stripe still answers for a deleted customer, and says that it is deleted."""
    (change,) = some(vendors, "stripe", 0, 1)
    vendors.faults(
        [
            {
                "system": "stripe",
                "method": "GET",
                "kind": "status",
                "status": 200,
                "body": {"id": change.record_id, "object": "customer", "deleted": True},
            }
        ]
    )

    assert destinations["stripe"].read([change]) == {}


def test_a_stripe_read_that_is_rejected_is_no_missing_record(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Only "not found" means that it is not there."""
    (change,) = some(vendors, "stripe", 0, 1)
    vendors.faults(
        [{"system": "stripe", "method": "GET", "kind": "status", "status": 400}]
    )

    with pytest.raises(Rejected):
        destinations["stripe"].read([change])


def test_a_stripe_invoice_item_is_found_by_our_key(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Among a hundred others of the customer, on whichever page of the list."""
    stripe = destinations["stripe"]
    customer = vendors.records("stripe", "customer")[0]
    first, *others = [
        replace(change, external_key=f"key{place}", change_id=f"change{place}")
        for place, change in enumerate(invoice_items([customer] * 101))
    ]
    assert stripe.read([first]) == {}

    once = outgoing(first)
    (made,) = stripe.send(once)
    (again,) = stripe.send(once)
    for change in others:
        stripe.send(outgoing(change))

    held = stripe.read([first])[first.change_id]
    assert made == again == Answer(record_id=held.record_id)
    assert held.fields == first.values


def test_zendesk_tells_the_fault_of_one_organization(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """A job's results name the record that failed; nested fields are sent nested."""
    good, bad = some(vendors, "zendesk", 6, 2)
    tier = FieldChange(
        "organization_fields.support_tier", "support_tier", "none", "standard"
    )
    good = replace(good, fields=(tier,))
    bad = replace(bad, fields=(replace(tier, ours="platinum"),))

    first, second = destinations["zendesk"].send(outgoing(good, bad))

    held = destinations["zendesk"].read([good])[good.change_id]
    assert first == Answer(record_id=good.record_id)
    assert held.fields == {"organization_fields.support_tier": "standard"}
    assert isinstance(second.fault, Rejected)
    assert second.fault.record_id == bad.record_id


@pytest.mark.parametrize(
    "poll",
    [
        {
            "status": 200,
            "times": 99,
            "body": {"job_status": {"id": "1", "status": "working"}},
        },
        {"status": 200, "body": {"job_status": {"id": "1", "status": "killed"}}},
    ],
)
def test_a_zendesk_job_without_a_result_is_an_unknown_outcome(
    vendors: SandboxProcess, destinations: Mapping[str, Destination], poll: Any
) -> None:
    """A job that never ends or was killed: what it did is found out by reading."""
    (change,) = some(vendors, "zendesk", 9, 1)
    vendors.faults(
        [
            {
                "system": "zendesk",
                "path_contains": "job_status",
                "kind": "status",
                "method": "GET",
                **poll,
            }
        ]
    )

    (answer,) = destinations["zendesk"].send(outgoing(change))

    assert isinstance(answer.fault, Unknown)


def test_a_zendesk_job_that_cannot_be_followed_is_an_unknown_outcome(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """The job was accepted: that its state is refused does not undo it."""
    (change,) = some(vendors, "zendesk", 10, 1)
    vendors.faults(
        [
            {
                "system": "zendesk",
                "path_contains": "job_status",
                "kind": "status",
                "method": "GET",
                "status": 404,
            }
        ]
    )

    with pytest.raises(Unknown, match="cannot be followed"):
        destinations["zendesk"].send(outgoing(change))


def test_a_zendesk_job_is_looked_at_with_growing_pauses(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Two looks of the sandbox's jobs, the second after twice the pause."""
    (change,) = some(vendors, "zendesk", 11, 1)
    pauses: list[float] = []
    zendesk = Zendesk(destinations["zendesk"]._rest, pauses.append)

    zendesk.send(outgoing(change))

    assert pauses == [0.1, 0.2]


def test_a_netsuite_invoice_is_made_under_our_key_and_read_back(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Minor units go out as the currency's decimals and come back whole."""
    netsuite = destinations["netsuite"]
    customers = vendors.records("netsuite", "customer")
    yen = [each for each in customers if each["currency"] == "JPY"][:1]
    changes = invoices([*customers[:2], *yen])
    assert netsuite.read(changes) == {}

    answers = [netsuite.send(outgoing(change))[0] for change in changes]

    held = netsuite.read(changes)
    for change, answer in zip(changes, answers, strict=True):
        assert held[change.change_id] == Held(str(answer.record_id), change.values)


def test_a_netsuite_invoice_line_names_the_item_that_is_configured(
    vendors: SandboxProcess,
) -> None:
    """An account that demands an item on each line is given one."""
    environ = {**vendors.environment, "NETSUITE_INVOICE_ITEM": "301"}
    netsuite = connect(environ)["netsuite"]
    assert isinstance(netsuite, NetSuite)

    body = netsuite._invoice(invoices(vendors.records("netsuite", "customer")[:1])[0])

    assert body["item"] == {"items": [{"amount": 10, "item": {"id": "301"}}]}
    netsuite._rest.close()


def test_a_netsuite_key_that_cannot_be_addressed_is_a_rejection(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """The vendor would read another record or none; nothing is sent."""
    (change,) = invoices(vendors.records("netsuite", "customer")[:1])
    bad = replace(change, external_key="in|1")

    assert destinations["netsuite"].read([bad]) == {}
    (answer,) = destinations["netsuite"].send(outgoing(bad))

    assert isinstance(answer.fault, Rejected)
    assert "external id" in answer.fault.reason


def test_a_netsuite_id_that_is_no_number_names_no_record(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """It is not put into the query."""
    (change,) = some(vendors, "netsuite", 0, 1)

    assert destinations["netsuite"].read([replace(change, record_id="1 OR 1=1")]) == {}


def test_a_netsuite_answer_without_the_new_place_is_an_unknown_outcome(
    vendors: SandboxProcess, destinations: Mapping[str, Destination]
) -> None:
    """Without the record's id nothing can be acknowledged."""
    (change,) = invoices(vendors.records("netsuite", "customer")[5:6])
    vendors.faults(
        [
            {
                "system": "netsuite",
                "method": "PUT",
                "kind": "status",
                "status": 200,
                "body": {},
            }
        ]
    )

    with pytest.raises(Unknown):
        destinations["netsuite"].send(outgoing(change))


def test_only_connected_systems_are_destinations(vendors: SandboxProcess) -> None:
    """A system whose settings are missing is no destination."""
    environ = {
        name: value
        for name, value in vendors.environment.items()
        if name.startswith("STRIPE")
    }

    assert list(connect(environ)) == ["stripe"]


def test_amounts_have_their_currency_s_places() -> None:
    """Yen have none, dollars two, dinars three."""
    assert [exponent(code) for code in ("JPY", "usd", "KWD")] == [0, 2, 3]
    assert str(major(1234, "JPY")) == "1234"
    assert str(major(1234, "USD")) == "12.34"
    assert str(major(1234, "KWD")) == "1.234"
    assert minor(major(-5, "EUR"), "EUR") == -5
    with pytest.raises(ValueError, match="finer"):
        minor(major(1234, "KWD"), "USD")


def test_an_amount_that_a_json_number_cannot_carry_is_not_sent() -> None:
    """Rather a dead letter than a wrong invoice."""
    assert json_number("netsuite", major(123456, "USD")) == 1234.56
    with pytest.raises(Rejected, match="too many digits"):
        json_number("netsuite", major(123456789012345678901, "USD"))
