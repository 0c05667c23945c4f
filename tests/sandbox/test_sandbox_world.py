"""The servers and the company fit: nothing is held that cannot be asked for."""

from datetime import date

import pytest

from sandbox.netsuite.tables import TABLES
from sandbox.salesforce.schema import FIELDS
from sandbox.stripe.lists import LISTS
from sandbox.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    """A company of the smallest useful size, mistakes included."""
    return build_world(7, 40, 12, date(2026, 10, 31))


def test_salesforce_describes_every_field_that_a_record_has(world: World) -> None:
    """A field outside the schema could be neither selected nor written."""
    held = {
        name: {field for record in records for field in record}
        for name, records in world.documents["salesforce"].items()
    }

    assert {
        name: fields - set(FIELDS[name])
        for name, fields in held.items()
        if fields - set(FIELDS[name])
    } == {}


def test_every_stripe_object_has_a_list(world: World) -> None:
    """Usage alone has none of its own: it is asked for by meter and customer."""
    held = set(world.documents["stripe"])

    assert held - set(LISTS) == {"billing.meter_event_summary"}


def test_suiteql_shows_every_column_that_a_record_has(world: World) -> None:
    """Except what SuiteQL withholds, such as a transaction's subsidiary, or renames."""
    shown = {
        name: set(table.columns) for table in TABLES.values() for name in table.objects
    }
    hidden = {
        field
        for name, records in world.documents["netsuite"].items()
        for record in records
        for field in record
        if field not in shown[name]
    }

    renamed = {"lastmodifieddate", "debit", "credit"}
    assert hidden <= {"id", "entity", "subsidiary"} | renamed
