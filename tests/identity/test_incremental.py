"""Only what changed is looked at, and the outcome is that of looking at everything."""

from pathlib import Path

import pytest

from identity.entities import ENTITIES
from tests.identity.conftest import Place

TABLES = (
    "records",
    "reference_keys",
    "pairs",
    "links",
    "review",
    "state",
    "pins",
    "hierarchy",
    "redirects",
)

CUSTOMERS = {
    "names, domains and numbers change": (
        (
            "update raw_hubspot.companies set name = name || ' International'"
            " where hash(id) % 17 = 0"
        ),
        (
            "update raw_salesforce.accounts set website = null, tax_id__c = null"
            " where hash(id) % 13 = 0"
        ),
        (
            "update raw_netsuite.customers set vatregnumber = '999' || vatregnumber"
            " where hash(id) % 11 = 0"
        ),
    ),
    "references are lost, or point elsewhere": (
        (
            "update raw_zendesk.organizations set external_id = null"
            " where hash(id) % 5 = 0"
        ),
        (
            "update raw_stripe.customers set metadata_salesforce_account_id = null"
            " where hash(id) % 4 = 0"
        ),
        (
            "update raw_vitally.accounts set external_id = (select min(id) from"
            " raw_salesforce.accounts) where hash(id) % 19 = 0"
        ),
        (
            "update raw_zendesk.organizations set external_id = 'nowhere'"
            " where hash(id) % 23 = 0"
        ),
    ),
    "records are deleted, or gone": (
        "update raw_salesforce.accounts set is_deleted = true where hash(id) % 9 = 0",
        "update raw_zendesk.organizations set is_deleted = true where hash(id) % 7 = 0",
        "delete from raw_stripe.customers where hash(id) % 6 = 0",
        "delete from raw_business_central.customers where hash(id) % 2 = 0",
    ),
    "records are new": (
        (
            "insert into raw_salesforce.accounts by name select * replace"
            " (id || 'again' as id, upper(name) as name) from raw_salesforce.accounts"
            " where hash(id) % 8 = 0"
        ),
        (
            "insert into raw_stripe.customers by name select * replace"
            " (id || 'again' as id, null as metadata_salesforce_account_id)"
            " from raw_stripe.customers where hash(id) % 8 = 0"
        ),
    ),
}
CONTACTS = {
    "people are renamed, and move to other addresses": (
        (
            "update raw_zendesk.users set name = name || ' Smith'"
            " where hash(id) % 13 = 0"
        ),
        (
            "update raw_vitally.users set email = 'x' || email, account_ids = '[]'"
            " where hash(id) % 11 = 0"
        ),
        "update raw_hubspot.contacts set salesforcecontactid = null, phone = null",
        "delete from raw_salesforce.contacts where hash(id) % 7 = 0",
    ),
    "customers become others": (
        (
            "update raw_zendesk.organizations set external_id = (select min(id) from"
            " raw_salesforce.accounts) where hash(id) % 9 = 0"
        ),
        "delete from raw_salesforce.accounts where hash(id) % 17 = 0",
    ),
}
PRODUCTS = {
    "codes and items change": (
        "update raw_netsuite.items set itemid = 'old ' || itemid where id = '301'",
        (
            "update raw_salesforce.products set erp_item__c = '302'"
            " where erp_item__c = '303'"
        ),
        "delete from raw_stripe.products where metadata_sku = 'ADD-SSO'",
    ),
}
EDITS = [
    pytest.param(entity, edits, id=f"{entity}: {name}")
    for entity, known in (
        ("customers", CUSTOMERS),
        ("contacts", CONTACTS),
        ("products", PRODUCTS),
    )
    for name, edits in known.items()
]


def contents(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a run leaves, in one order."""
    return {
        table: sorted(place.rows(f"from identity.{place.prefix}{table}"), key=repr)
        for table in TABLES
        if table != "hierarchy" or place.model.resolves.has_parents
    }


@pytest.mark.parametrize(("entity", "edits"), EDITS)
def test_a_run_over_changes_ends_as_a_run_over_everything(
    place: Place, tmp_path: Path, entity: str, edits: tuple[str, ...]
) -> None:
    """Records, pairs, links, golden ids and questions are equal, row by row."""
    place.execute(*edits)
    if entity == "contacts":
        place.run()  # of the customers, to whom they belong
    mine = place.of(entity)
    other = mine.copied(tmp_path / "other")

    some, everything = mine.run(), other.run(is_full=True)

    assert 0 < some.resolved < everything.resolved
    assert contents(mine) == contents(other)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_second_run_changes_nothing(place: Place, entity: str) -> None:
    """Nothing is compared, no id moves; not even if all is looked at again."""
    place = place.of(entity)
    before = contents(place)

    again, everything = place.run(), place.run(is_full=True)

    assert (again.changed, again.resolved, again.minted) == (0, 0, 0)
    assert (everything.minted, everything.merged, everything.revived) == (0, 0, 0)
    assert contents(place) == before
