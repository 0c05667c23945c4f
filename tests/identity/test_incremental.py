"""Only what changed is looked at, and the outcome is that of looking at everything."""

from pathlib import Path

import pytest

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

EDITS = {
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


def contents(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a run leaves, in one order."""
    return {
        table: sorted(place.rows(f"from identity.{table}"), key=repr)
        for table in TABLES
    }


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_a_run_over_changes_ends_as_a_run_over_everything(
    place: Place, tmp_path: Path, edits: tuple[str, ...]
) -> None:
    """Records, pairs, links, golden ids and questions are equal, row by row."""
    place.execute(*edits)
    other = place.copied(tmp_path / "other")

    some, everything = place.run(), other.run(is_full=True)

    assert 0 < some.resolved < everything.resolved
    assert contents(place) == contents(other)


def test_a_second_run_changes_nothing(place: Place) -> None:
    """Nothing is compared, no id moves; not even if all is looked at again."""
    before = contents(place)

    again, everything = place.run(), place.run(is_full=True)

    assert (again.changed, again.resolved, again.minted) == (0, 0, 0)
    assert (everything.minted, everything.merged, everything.revived) == (0, 0, 0)
    assert contents(place) == before
