"""The company as its marketing has it in HubSpot."""

from datetime import date
from typing import Any

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.company.identity_people import written_person
from sandbox.hubspot.documents import company_id, hubspot_documents
from sandbox.hubspot.kinds import BY_NAME
from sandbox.hubspot.schema import DEFINED

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with everything that can be had."""
    return build(7, 60, 24, date(2026, 10, 31), ALL_FEATURES)


@pytest.fixture(scope="module")
def records(company: Company) -> Records:
    """Its records in HubSpot."""
    return hubspot_documents(company)


def test_every_customer_is_a_company(company: Company, records: Records) -> None:
    """Customers and prospects are companies, in marketing's spelling."""
    held = {each["id"]: each["properties"] for each in records["companies"]}
    everybody = (*company.customers, *company.prospects)

    assert set(held) == {company_id(each) for each in everybody}
    for each in everybody:
        written = company.written(each, "hubspot")
        assert held[company_id(each)]["name"] == written.name
        assert held[company_id(each)].get("domain") == written.domain


def test_people_and_leads_are_contacts(company: Company, records: Records) -> None:
    """Each person is one contact as HubSpot writes them, and so is each lost lead."""
    emails = [
        written_person(each, person, "hubspot").email
        for each in (*company.customers, *company.prospects)
        for person in each.people
    ]
    lost = [each.email for each in company.leads if each.person_key is None]

    held = [each["properties"]["email"] for each in records["contacts"]]

    assert lost
    assert sorted(held) == sorted(str(email).lower() for email in (*emails, *lost))


def test_every_value_fits_its_property(records: Records) -> None:
    """Records hold only properties that exist, as text, and options that exist."""
    for name, kind in BY_NAME.items():
        for each in records.get(name, ()):
            assert each["properties"]["hs_object_id"] == each["id"]
            assert each["properties"][kind.modified] == each["updatedAt"]
            assert each["createdAt"] <= each["updatedAt"]
            for key, value in each["properties"].items():
                defined = DEFINED[name][key]
                assert isinstance(value, str)
                assert not defined.options or value in defined.options


def test_associations_have_both_ends(records: Records) -> None:
    """Each association is held from either side, between records that are there."""
    ids = {
        f"{name}:{each['id']}"
        for name, held in records.items()
        if name in BY_NAME
        for each in held
    }
    links = {
        (each["from"], f"{each['toType']}:{each['toId']}")
        for each in records["associations"]
    }

    assert len(links) == len(records["associations"])
    assert {(end, start) for start, end in links} == links
    assert {end for pair in links for end in pair} <= ids


def test_the_same_company_gives_the_same_records(
    company: Company, records: Records
) -> None:
    """Nothing in the records depends on when or where they were written."""
    assert hubspot_documents(company) == records


def test_a_plain_company_needs_no_marketing() -> None:
    """Without leads and campaigns its customers and their people are there."""
    plain = build(7, 20, 6, date(2026, 10, 31))

    records = hubspot_documents(plain)

    assert len(records["companies"]) == len(plain.customers) + len(plain.prospects)
    assert records["campaigns"] == []
    assert not {"deals", "line_items", "products", "leads"} & set(records)
