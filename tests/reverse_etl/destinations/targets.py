"""Targets: the kit's registry, one entry per destination; who is tried elsewhere."""

from collections.abc import Mapping
from dataclasses import replace

from tests.reverse_etl.destinations.target import Bad, Call, Made, Target

SALESFORCE = Target(
    name="salesforce",
    object="Account",
    held="account",
    key="Id",
    field="Name",
    column="Name",
    call=Call("POST", "/composite", looks=1),
    absent="001000000000000AAA",
    per_call=25,
    bad={
        "a field that is not there": Bad("Nope__c", "x", "not known"),
        "a value too long": Bad("Name", "x" * 300, "data value too large", "Name"),
        "a value not allowed": Bad(
            "Payment_Status__c",
            "gone",
            "bad value for restricted picklist",
            "Payment_Status__c",
        ),
    },
    deleted={"IsDeleted": True},
)
PRODUCTS = replace(
    SALESFORCE,
    object="Product2",
    held="product2",
    call=Call("POST", "/composite"),
    absent="01t000000000000AAA",
    bad={"a value too long": SALESFORCE.bad["a value too long"]},
    variant="by time of change",
)
COLLECTED = Target(
    name="salesforce",
    object="Account",
    held="account",
    key="Id",
    field="Name",
    column="Name",
    call=Call("PATCH", "/composite/sobjects"),
    absent="001000000000000AAA",
    per_call=200,
    bad=SALESFORCE.bad,
    deleted=SALESFORCE.deleted,
    environ={"SALESFORCE_UNCONDITIONAL": "Account"},
    variant="collections",
)
HUBSPOT = Target(
    name="hubspot",
    object="company",
    held="companies",
    field="name",
    column="properties.name",
    call=Call("POST", "/companies/batch/update"),
    absent="999999999999999",
    per_call=100,
    made=Made(
        object="company",
        held="companies",
        values={"name": "New Ltd", "country": "US"},
        found="properties.account_number",
        call=Call("POST", "/companies/batch/upsert"),
    ),
    bad={
        "a field that is not there": Bad("nope", "x", "does not exist"),
        "a value too long": Bad("name", "x" * 70_000, "longer than", "properties.name"),
        "a value not allowed": Bad(
            "lifecyclestage", "gone", "not one of", "properties.lifecyclestage"
        ),
    },
    deleted={"archived": True},
)
STRIPE = Target(
    name="stripe",
    object="customer",
    held="customer",
    field="name",
    column="name",
    call=Call("POST", "/v1/customers"),
    absent="cus_none",
    per_call=1,
    not_applicable=dict.fromkeys(
        (
            "test_a_lost_creation_makes_one_record",
            "test_a_creation_that_is_sent_twice_makes_one_record",
        ),
        "invoice items are tried in test_destinations_vendor_rules.py and test_kills",
    ),
    bad={
        "a field that is not there": Bad("nope", "x", "unknown parameter"),
        "a value too long": Bad("name", "x" * 300, "256", "name"),
    },
)
CHARGEBEE = Target(
    name="chargebee",
    object="customer",
    held="customer",
    field="company",
    column="company",
    call=Call("POST", "/api/v2/customers"),
    absent="none",
    per_call=1,
    made=Made(
        object="customer",
        held="customer",
        values={"company": "New Ltd", "email": "new@example.com"},
        found="id",
        call=Call("POST", "/api/v2/customers"),
    ),
    bad={
        "a field that is not there": Bad("nope", "x", "nope"),
        "a value too long": Bad("company", "x" * 300, "250", "company"),
        "a value not allowed": Bad(
            "auto_collection", "gone", "auto", "auto_collection"
        ),
    },
    deleted={"deleted": True},
)
ZENDESK = Target(
    name="zendesk",
    object="organization",
    held="organization",
    field="name",
    column="name",
    call=Call("PUT", "/organizations/update_many"),
    absent="99",
    per_call=100,
    bad={
        "a value not allowed": Bad(
            "organization_fields.support_tier",
            "gone",
            "gone",
            "organization_fields.support_tier",
        ),
    },
)
TICKETS = replace(
    ZENDESK,
    object="ticket",
    held="ticket",
    field="subject",
    column="subject",
    call=Call("PUT", "/tickets/update_many"),
    bad={},
    variant="tickets",
)
NETSUITE = Target(
    name="netsuite",
    object="customer",
    held="customer",
    field="email",
    column="email",
    text="new.{}@example.com",
    call=Call("PATCH", "/record/v1/customer"),
    absent="987654",
    per_call=100,
    made=Made(
        object="invoice",
        held="invoice",
        values={
            "entity": "",
            "tranDate": "2026-10-30",
            "currency": "USD",
            "total": "1200",
        },
        found="externalid",
        call=Call("PUT", "/record/v1/invoice"),
        closed=({"closed_through": "2026-11-30"}, "period for this date is closed"),
    ),
    bad={
        "a field that is not there": Bad("nope", "x", "nope"),
        "a value too long": Bad("email", "x" * 400, "nvalid", "email"),
        "a value not allowed": Bad("email", "none", "Invalid email address", "email"),
    },
)
BUSINESS_CENTRAL = Target(
    name="business_central",
    object="customer",
    held="customers",
    field="displayName",
    column="displayName",
    call=Call("POST", "/$batch", pushed=1),  # the engine's look
    absent="00000000-0000-0000-0000-000000000009",
    per_call=100,
    bad={
        "a field that is not there": Bad("nope", "x", "does not exist"),
        "a value too long": Bad("displayName", "x" * 300, "less than", "displayName"),
    },
)
VITALLY = Target(
    name="vitally",
    object="account",
    held="accounts",
    field="name",
    column="name",
    call=Call("PUT", "/resources/accounts"),
    absent="00000000-0000-0000-0000-000000000009",
    per_call=1,
    made=Made(
        object="account",
        held="accounts",
        values={"name": "New Ltd"},
        found="externalId",
        call=Call("POST", "/resources/accounts"),
    ),
    bad={"a field that is not there": Bad("nope", "x", "cannot|can be set")},
)
TARGETS: tuple[Target, ...] = (
    SALESFORCE,
    PRODUCTS,
    COLLECTED,
    HUBSPOT,
    STRIPE,
    CHARGEBEE,
    ZENDESK,
    TICKETS,
    NETSUITE,
    BUSINESS_CENTRAL,
    VITALLY,
)
# Destinations that are not tried here, and where they are.
ELSEWHERE: Mapping[str, str] = {
    "tryton": "tests/sandbox/tryton, with a real server instead of a sandbox"
}
