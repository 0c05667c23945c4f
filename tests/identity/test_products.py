"""Products: one code in every system's spelling; two items with one code are asked."""

from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from identity.features import products as features
from identity.resolution import AMBIGUOUS, CONTRADICTED, GREY, SAME_SYSTEM
from tests.identity.company import truth_of
from tests.identity.conftest import AS_OF, CUSTOMERS, MONTHS, SEED, Place
from tests.identity.test_run import couples

SAID = "false as is_deleted, '' as _dlt_load_id, '' as _dlt_id, '{}' as record"


def keys(*codes: str) -> set[str | None]:
    """Return the keys of codes as people write them."""
    with duckdb.connect() as connection:
        connection.execute("create table told (sku varchar, name varchar)")
        connection.executemany("insert into told values (?, 'x')", [[c] for c in codes])
        query = f"select sku_key from ({features.select('told')})"
        return {key for (key,) in connection.execute(query).fetchall()}


@settings(max_examples=40, deadline=None)
@given(
    some.lists(
        some.from_regex(r"[A-Z0-9]{2,6}", fullmatch=True), min_size=1, max_size=3
    ),
    some.sampled_from(["-", "_", " ", "."]),
    some.sampled_from([str.lower, str.upper]),
    some.sampled_from(["", " (old)", " [do not use]"]),
    some.sampled_from(["", "Services : "]),
)
def test_a_code_is_the_same_in_every_spelling(
    parts: list[str],
    between: str,
    cased: Callable[[str], str],
    behind: str,
    before: str,
) -> None:
    """Whatever stands between its parts, before it or in brackets behind it."""
    code = between.join(parts)
    written = before + cased(code) + behind

    assert keys("-".join(parts), written) == {"".join(parts).lower()}


def test_the_catalogue_is_right(resolved: Place) -> None:
    """Every product of every system, and nothing in doubt."""
    truth = truth_of("products", SEED, CUSTOMERS, MONTHS, AS_OF)
    golden_ids = resolved.of("products").golden_ids()

    assert golden_ids.keys() == truth.keys()
    assert couples(golden_ids) == couples(truth)
    assert resolved.rows("from identity.product_review") == []


@pytest.fixture
def catalogue(empty: Callable[[], Place]) -> Place:
    """Two products of the CRM with their items of the ERP, and nothing else."""
    place = empty()
    place.execute(
        "insert into raw_salesforce.products by name select unnest(['S1', 'S2']) as id,"
        " unnest(['Platform', 'Support']) as name, unnest(['PLT-1', 'SUP-1'])"
        f" as product_code, unnest(['301', '302']) as erp_item__c, {SAID}",
        "insert into raw_netsuite.items by name select unnest(['301', '302']) as id,"
        " unnest(['plt 1 (old)', 'SUP-1']) as itemid,"
        f" unnest(['Platform', 'Support']) as displayname, {SAID}",
    )
    return place.of("products")


def reasons(place: Place) -> list[tuple[str, str, str]]:
    """Return what is asked, and why."""
    return place.rows(
        "select left_key, right_key, reason from identity.product_review order by all"
    )


def test_a_link_and_a_code_make_one_product(catalogue: Place) -> None:
    """Two records of each, and nothing to ask."""
    ran = catalogue.run()

    assert (ran.golden, ran.questions) == (2, 0)


def test_two_products_on_one_item_are_asked_about(catalogue: Place) -> None:
    """Whoever linked support to the platform's item did not make them one (M08)."""
    catalogue.execute(
        "update raw_salesforce.products set erp_item__c = '301' where id = 'S2'"
    )

    ran = catalogue.run()

    assert ran.golden == 2
    assert reasons(catalogue) == [
        ("netsuite:item:301", "salesforce:product:S2", CONTRADICTED)
    ]


def test_a_code_that_two_items_have_is_asked_about(catalogue: Place) -> None:
    """The one that people linked is the product's; the other one is a question."""
    catalogue.execute(
        "insert into raw_netsuite.items by name select '399' as id,"
        f" 'PLT_1' as itemid, 'Platform' as displayname, {SAID}"
    )

    ran = catalogue.run()

    assert ran.golden == 3
    assert {reason for *_, reason in reasons(catalogue)} == {SAME_SYSTEM}


def test_of_two_items_that_nobody_linked_neither_is_taken(catalogue: Place) -> None:
    """A person says which of them it is."""
    catalogue.execute(
        "update raw_salesforce.products set erp_item__c = null",
        "insert into raw_netsuite.items by name select '399' as id,"
        f" 'PLT_1' as itemid, 'Platform' as displayname, {SAID}",
    )

    catalogue.run()

    asked = reasons(catalogue)
    assert ("netsuite:item:301", "salesforce:product:S1", AMBIGUOUS) in asked
    assert ("netsuite:item:399", "salesforce:product:S1", AMBIGUOUS) in asked


def test_a_name_alone_is_a_question(catalogue: Place) -> None:
    """Billing's product without a code may be the one of that name."""
    catalogue.execute(
        "insert into raw_stripe.products by name select 'prod_1' as id,"
        f" 'Support' as name, {SAID}"
    )

    ran = catalogue.run()

    assert ran.golden == 3
    assert {reason for *_, reason in reasons(catalogue)} == {GREY}
