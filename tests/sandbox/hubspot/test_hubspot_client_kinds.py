"""Every kind of record, as hubspot-api-client writes, reads and associates it."""

from collections.abc import Iterator
from datetime import date
from importlib import import_module

import pytest
from hubspot import HubSpot
from hubspot.crm import deals, objects, quotes
from hubspot.crm.association_type import AssociationType

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.world import World, build_world
from tests.sandbox.doors import opened
from tests.sandbox.hubspot.conftest import GENEROUS, START

pytestmark = pytest.mark.judge("hubspot-api-client 12.0.0")

FIRST = "100000000000000"
# The pairs of which the client knows the numbers, as it spells them.
PAIRS = [
    *("CONTACT:COMPANY", "DEAL:CONTACT", "DEAL:COMPANY", "DEAL:LINE_ITEM"),
    *("TICKET:COMPANY", "TICKET:CONTACT", "DEAL:TICKET", "QUOTE:DEAL"),
    *("QUOTE:LINE_ITEM", "QUOTE:CONTACT", "QUOTE:COMPANY"),
]


@pytest.fixture(scope="module")
def world() -> World:
    """A small company that does marketing."""
    as_of = date(2026, 10, 31)
    features = frozenset({"marketing"})
    return build_world(7, 20, 12, as_of, disorder=False, features=features)


@pytest.fixture
def sales(keys: Credentials, world: World) -> Iterator[HubSpot]:
    """The client, at the account of that company."""
    clock = Clock(START, running=False)
    with opened(world, keys, clock, only=["hubspot"]) as doors:
        doors.store.set_conditions({"hubspot": GENEROUS})
        yield HubSpot(
            access_token=keys.hubspot_access_token,
            proxy=doors.proxy,
            ssl_ca_cert=doors.ca_file,
            client_side_validation=True,
        )


def plural(name: str) -> str:
    """Return what the paths call a kind that the client's numbers name."""
    return "companies" if name == "COMPANY" else f"{name.lower()}s"


@pytest.mark.parametrize("pair", PAIRS)
def test_associations_have_the_numbers_that_it_knows(judge: HubSpot, pair: str) -> None:
    """Either direction of each pair, and the primary one if there is one."""
    api = judge.crm.associations.v4.schema.definitions_api
    for one, other in (pair.split(":"), pair.split(":")[::-1]):
        told = api.get_all(plural(one), plural(other)).results

        known = {getattr(AssociationType, f"{one}_TO_{other}")}
        primary = getattr(AssociationType, f"PRIMARY_{one}_TO_{other}", None)
        known |= {primary} - {None}
        assert {each.type_id for each in told} == known


def test_it_reads_the_deals_that_salesforce_made(sales: HubSpot, world: World) -> None:
    """Finds a deal by its opportunity, with the company, contact and lines of it."""
    opportunity = world.documents["salesforce"]["Opportunity"][0]
    account = opportunity["AccountId"]
    wanted = deals.Filter(
        property_name="hs_salesforceopportunityid",
        operator="EQ",
        value=opportunity["Id"],
    )
    request = deals.PublicObjectSearchRequest(
        filter_groups=[deals.FilterGroup(filters=[wanted])], properties=["amount"]
    )

    (found,) = sales.crm.deals.search_api.do_search(request).results
    read = sales.crm.deals.basic_api.get_by_id(
        found.id, associations=["companies", "contacts", "line_items"]
    )
    linked = {
        name.replace(" ", "_"): [each.id for each in held.results]
        for name, held in read.associations.items()
    }
    company = sales.crm.companies.basic_api.get_by_id(
        linked["companies"][0], properties=["salesforceaccountid"]
    )
    item = sales.crm.line_items.basic_api.get_by_id(
        linked["line_items"][0], properties=["hs_product_id", "hs_sku"]
    )
    product = sales.crm.products.basic_api.get_by_id(
        item.properties["hs_product_id"], properties=["hs_sku"]
    )

    assert company.properties["salesforceaccountid"] in (account, None)
    assert len(linked["contacts"]) >= 1
    assert product.properties["hs_sku"] == item.properties["hs_sku"]


def test_it_reads_all_that_sales_has(sales: HubSpot, world: World) -> None:
    """Pages through deals, lines, products and leads: as many as Salesforce has."""
    held = world.documents["salesforce"]
    leads = sales.crm.objects.basic_api.get_page("leads", limit=100)

    assert len(sales.crm.deals.get_all()) == len(held["Opportunity"])
    assert len(sales.crm.products.get_all()) == len(held["Product2"])
    lines = world.documents["hubspot"]["line_items"]
    assert len(sales.crm.line_items.get_all()) == len(lines) > 0
    assert len(leads.results) == len(held["Lead"]) > 0
    assert sales.crm.tickets.get_all() == sales.crm.quotes.get_all() == []


def test_it_makes_a_quote_of_a_deal(judge: HubSpot) -> None:
    """A quote is created with its deal, read with it, and archived."""
    api = judge.crm.quotes.basic_api
    spec = quotes.AssociationSpec(
        association_category="HUBSPOT_DEFINED",
        association_type_id=AssociationType.QUOTE_TO_DEAL,
    )
    link = quotes.PublicAssociationsForObject(
        to=quotes.PublicObjectId(id=FIRST), types=[spec]
    )
    values = {"hs_title": "Offer", "hs_status": "DRAFT"}

    made = api.create(
        quotes.SimplePublicObjectInputForCreate(properties=values, associations=[link])
    )
    read = api.get_by_id(made.id, associations=["deals"])
    api.archive(made.id)

    assert read.properties["hs_title"] == "Offer"
    assert [each.id for each in read.associations["deals"].results] == [FIRST]
    assert api.get_page().results == []


@pytest.mark.parametrize(
    "kind", ["companies", "contacts", "deals", "line_items", "products", "tickets"]
)
def test_it_writes_and_reads_every_kind(judge: HubSpot, kind: str) -> None:
    """Creates, searches, pages and archives a record of each kind it knows."""
    named = {
        "companies": {"name": "x"},
        "contacts": {"email": "x@y.example"},
        "deals": {"dealname": "x", "amount": "1200.50", "dealstage": "closedwon"},
        "line_items": {"name": "x", "quantity": "2", "price": "0.50"},
        "products": {"name": "x", "price": "19.90"},
        "tickets": {"subject": "x", "hs_pipeline_stage": "1"},
    }
    api = getattr(judge.crm, kind)
    models = import_module(f"hubspot.crm.{kind}")

    made = api.basic_api.create(
        models.SimplePublicObjectInputForCreate(properties=named[kind], associations=[])
    )
    request = models.PublicObjectSearchRequest(
        filter_groups=[], sorts=["-hs_object_id"], properties=[], limit=1
    )
    found = api.search_api.do_search(request)
    api.basic_api.archive(made.id)

    assert named[kind].items() <= made.properties.items()
    assert found.results[0].id == made.id
    assert made.id not in {each.id for each in api.get_all()}
    assert [each.id for each in api.get_all(archived=True)] == [made.id]


def test_it_reads_by_any_kinds_name(judge: HubSpot) -> None:
    """Creates a lead with its contact by the interface for any kind of object."""
    spec = objects.AssociationSpec(
        association_category="HUBSPOT_DEFINED", association_type_id=578
    )
    link = objects.PublicAssociationsForObject(
        to=objects.PublicObjectId(id=FIRST), types=[spec]
    )

    made = judge.crm.objects.basic_api.create(
        "leads",
        objects.SimplePublicObjectInputForCreate(
            properties={"hs_lead_name": "Somebody"}, associations=[link]
        ),
    )

    read = judge.crm.objects.basic_api.get_by_id(
        "leads", made.id, associations=["contacts"]
    )
    assert read.associations["contacts"].results[0].id == FIRST
