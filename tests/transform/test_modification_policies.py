"""How a modification is accounted for: by a person, else by policy, else not yet."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

SEED = Path(__file__).parents[2] / "transform/seeds/policy/modification_policies.csv"
MODELS = (
    *("int_order_lines__listed", "int_contracts__modified"),
    "int_held__undecided_modifications",
)
JUNE, NOON = date(2025, 6, 1), datetime(2025, 6, 1, 12, tzinfo=UTC)
TABLES = {
    "staging.stg_salesforce__pricebooks": (
        "salesforce_pricebook_id text, is_standard boolean"
    ),
    "staging.stg_salesforce__products": (
        "salesforce_product_id text, sku text, is_deleted boolean"
    ),
    "staging.modification_treatments": (
        "salesforce_order_id text, treatment text, is_distinct boolean,"
        " is_at_standalone_price boolean, decided_by text, decided_at timestamptz,"
        " rationale text"
    ),
    "staging.modification_policies": (
        "modification_type text, standalone_price text, treatment text,"
        " decided_by text, decided_at timestamptz, rationale text"
    ),
    "intermediate.int_price_book_entries__versions": (
        "salesforce_pricebook_id text, salesforce_product_id text, currency text,"
        " list_minor bigint, is_active boolean, valid_from timestamptz,"
        " valid_to timestamptz"
    ),
    "intermediate.int_orders__linked": (
        "salesforce_order_id text, salesforce_contract_id text, currency text,"
        " order_number text"
    ),
    "intermediate.int_order_lines__valued": (
        "salesforce_order_item_id text, salesforce_order_id text, sku text,"
        " order_action text, revenue_type text, unit_minor bigint,"
        " tcv_minor bigint, undiscounted_minor bigint, arr_delta_minor bigint,"
        " starts_on date"
    ),
    "intermediate.int_contracts__changes": (
        "salesforce_contract_id text, change text, salesforce_order_id text,"
        " effective_on date, recorded_at timestamptz, change_number bigint"
    ),
    "intermediate.int_contracts__signed": (
        "salesforce_contract_id text, customer_id text, legal_entity_code text,"
        " currency text"
    ),
}


@dataclass(frozen=True)
class Ordered:
    """A line of the order that modifies the contract."""

    sku: str = "SEAT"
    action: str = "upsize"
    kind: str = "recurring"
    unit_minor: int = 1_000
    discount_minor: int = 0


Decide = Callable[..., tuple[Any, ...]]


@pytest.fixture(scope="module")
def decide(dbt: Any) -> Iterator[Decide]:
    """Return a function that says treatment, policy or not, and how many are held."""
    compiled = {
        each.node.name: each.node.compiled_code
        for each in dbt.run("compile", "--select", *MODELS).results
        if each.node.resource_type == "model"
    }
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        for schema in ("staging", "intermediate"):
            connection.execute(f"create schema {schema}")
        run = connection.execute

        def fill(table: str, *rows: tuple[Any, ...]) -> None:
            run(f"create or replace table {table} ({TABLES[table]})")
            for row in rows:
                run(f"insert into {table} values ({', '.join('?' * len(row))})", row)

        def decided(
            *lines: Ordered, change: str = "amendment", person: str | None = None
        ) -> tuple[Any, ...]:
            policies = list(csv.reader(SEED.read_text().splitlines()))[1:]
            fill("staging.modification_policies", *(tuple(row) for row in policies))
            fill("staging.stg_salesforce__pricebooks", ("standard", True))
            skus = ("SEAT", "EXTRA", "WORK")
            fill(
                "staging.stg_salesforce__products", *((sku, sku, False) for sku in skus)
            )
            fill(
                "intermediate.int_price_book_entries__versions",
                *(("standard", sku, "USD", 1_000, True, NOON, None) for sku in skus),
            )
            fill(
                "staging.modification_treatments",
                *([("o1", person, True, False, "ann", NOON, "why")] if person else []),
            )
            fill(
                "intermediate.int_orders__linked",
                *((f"o{number}", "C", "USD", f"{number}") for number in (0, 1)),
            )
            held = Ordered(action="new")
            fill(
                "intermediate.int_order_lines__valued",
                *(
                    (
                        *(f"i{place}", order, line.sku, line.action, line.kind),
                        *(
                            line.unit_minor,
                            12_000 - line.discount_minor,
                            12_000,
                            12_000,
                        ),
                        JUNE,
                    )
                    for place, (order, line) in enumerate(
                        [("o0", held), *(("o1", line) for line in lines)]
                    )
                ),
            )
            fill(
                "intermediate.int_contracts__changes",
                ("C", "signature", "o0", date(2025, 1, 1), NOON, 1),
                ("C", change, "o1", JUNE, NOON, 2),
            )
            fill("intermediate.int_contracts__signed", ("C", "customer", "US", "USD"))
            for model in MODELS:
                run(
                    f"create or replace table intermediate.{model} as {compiled[model]}"
                )
            (found,) = run(
                "select treatment, is_by_policy,"
                " (select count(*) from intermediate.int_held__undecided_modifications)"
                " from intermediate.int_contracts__modified"
            ).fetchall()
            return tuple(found)

        yield decided


ADDED = Ordered("EXTRA", "add")


@pytest.mark.parametrize(
    ("lines", "change", "treatment"),
    [
        ([ADDED], "amendment", "separate"),
        ([Ordered("EXTRA", "add", discount_minor=1)], "amendment", "prospective"),
        ([Ordered("EXTRA", "add", unit_minor=999)], "amendment", "prospective"),
        ([Ordered("SEAT", "add")], "amendment", "prospective"),
        ([Ordered()], "amendment", "prospective"),
        ([Ordered(), ADDED], "amendment", "prospective"),
        ([Ordered(action="price_change")], "amendment", "prospective"),
        ([Ordered(action="cotermination")], "amendment", "prospective"),
        ([Ordered(action="cancel")], "amendment", "prospective"),
        ([Ordered(action="cancel")], "termination", "catch_up"),
    ],
)
def test_a_policy_decides_by_kind_and_price(
    lines: list[Ordered], change: str, treatment: str, decide: Decide
) -> None:
    """Only a product that is new to the contract and at list price stands alone."""
    assert decide(*lines, change=change) == (treatment, True, 0)


def test_a_person_goes_before_the_policy(decide: Decide) -> None:
    """What somebody decided on one modification holds for that one."""
    assert decide(ADDED, person="prospective") == ("prospective", False, 0)


def test_what_neither_covers_is_held(decide: Decide) -> None:
    """Work that was begun may not be distinct from what is changed."""
    changed = Ordered("WORK", "upsize", kind="one_time")

    assert decide(changed) == (None, False, 1)
    assert decide(changed, person="catch_up") == ("catch_up", False, 0)
