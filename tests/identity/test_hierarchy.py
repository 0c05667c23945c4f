"""Groups of customers, as they stand and as they stood."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from operations.hierarchy import above, observe
from operations.store import Store
from sandbox.company.company import build
from tests.identity.company import FEATURES
from tests.identity.conftest import AS_OF, AT, CUSTOMERS, MONTHS, SEED, Place

DAY = timedelta(days=1)
Edge = tuple[str, str, int]


def closure(place: Place, on: datetime) -> set[Edge]:
    """Return who was above whom at an instant, in the eyes of sales, and how far."""
    rows = place.rows(
        "select ancestor_id, descendant_id, depth from identity.hierarchy"
        f" where basis = 'sales' and valid_from <= '{on.isoformat()}'"
        f" and (valid_to is null or valid_to > '{on.isoformat()}')"
    )
    return {(ancestor, descendant, depth) for ancestor, descendant, depth in rows}


@pytest.fixture
def drawn() -> set[Edge]:
    """Who is above whom in truth, by the customers' keys."""
    everybody = build(SEED, CUSTOMERS, MONTHS, AS_OF, FEATURES).customer_by_key
    found = set()
    for key, customer in everybody.items():
        depth, parent = 1, customer.parent_key
        while parent is not None:
            found.add((parent, key, depth))
            depth, parent = depth + 1, everybody[parent].parent_key
    return found


def test_the_closure_is_the_company_s(
    resolved: Place, truth: Mapping[str, str], drawn: set[Edge]
) -> None:
    """Parents and theirs, to the last grandchild, between golden ids."""
    golden = {truth[key]: golden for key, golden in resolved.golden_ids().items()}
    # The account is what says who is above; its golden id stands for the customer.
    golden |= {
        truth[key]: golden
        for key, golden in resolved.golden_ids().items()
        if key.startswith("salesforce:")
    }

    assert drawn
    assert closure(resolved, AT) == {
        (golden[one], golden[other], depth) for one, other, depth in drawn
    }


def test_a_group_is_kept_as_it_stood(place: Place) -> None:
    """A subsidiary that is sold is below nobody from then on, and was until then."""
    before = closure(place, AT)
    ((account, golden_id),) = place.rows(
        "select record_id, golden_id from identity.links where record_key in ("
        " select record_key from identity.records where system = 'salesforce'"
        " and parent_key is not null) order by record_key limit 1"
    )
    place.execute(
        f"update raw_salesforce.accounts set parent_id = null where id = '{account}'",
        "update raw_hubspot.companies set hs_parent_company_id = null"
        f" where salesforceaccountid = '{account}'",
    )

    place.run(at=AT + DAY)

    after = closure(place, AT + DAY)
    assert closure(place, AT) == before
    assert any(descendant == golden_id for _, descendant, _ in before)
    assert not any(descendant == golden_id for _, descendant, _ in after)
    assert after < before


def test_a_ring_of_parents_ends(place: Place) -> None:
    """Two accounts that are each other's parent are above each other, once."""
    accounts = place.rows(
        "select record_id from identity.links where system = 'salesforce'"
        " and record_key not in (select parent_key from identity.records"
        " where parent_key is not null) and record_key not in"
        " (select record_key from identity.records where parent_key is not null)"
        " order by record_key limit 2"
    )
    (one,), (other,) = accounts
    place.execute(
        f"update raw_salesforce.accounts set parent_id = '{other}' where id = '{one}'",
        f"update raw_salesforce.accounts set parent_id = '{one}' where id = '{other}'",
    )

    place.run(at=AT + DAY)

    new = closure(place, AT + DAY) - closure(place, AT)
    assert sorted(depth for *_, depth in new) == [1, 1]


def test_only_what_moves_is_written(store: Store) -> None:
    """Seen again is nothing new; another parent ends the former one's days."""
    assert observe(store, "customers", {("c", "sales"): "p"}, AT) == 1
    assert observe(store, "customers", {("c", "sales"): "p"}, AT + DAY) == 0
    assert observe(store, "customers", {("c", "sales"): "q"}, AT + 2 * DAY) == 1
    assert observe(store, "customers", {}, AT + 3 * DAY) == 1

    spans = [
        (each.parent_id, each.valid_from, each.valid_to)
        for each in above(store, "customers")
    ]
    assert spans == [
        ("p", AT, AT + 2 * DAY),
        ("q", AT + 2 * DAY, AT + 3 * DAY),
    ]
