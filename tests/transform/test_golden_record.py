"""A golden value is its owner's, else the first follower's, and says what it beat."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestration import cli
from orchestration.home import NotReadyError
from reverse_etl.contract import Field, load_contract

MODELS = Path(__file__).parents[2] / "transform" / "models"
# Where a system's records of customers are staged.
STAGED = {
    "salesforce": "stg_salesforce__accounts",
    "stripe": "stg_stripe__customers",
    "zendesk": "stg_zendesk__organizations",
    "netsuite": "stg_netsuite__customers",
    "tryton": "stg_tryton__parties",
    "hubspot": "stg_hubspot__companies",
    "chargebee": "stg_chargebee__customers",
    "business_central": "stg_business_central__customers",
    "vitally": "stg_vitally__accounts",
}
RULES = {None, "derived"}

Row = dict[str, Any]
Place = tuple[str, str]  # a customer and a field


def fields() -> list[Field]:
    """Return the golden fields of customers, as the contract has them."""
    entities = load_contract(MODELS).entities
    (customers,) = [each for each in entities if each.name == "customers"]
    return [each for each in customers.fields if each.owner]


def primaries(built: Any) -> Iterator[tuple[str, str, Row]]:
    """Yield each primary record: its customer, its system, what is staged of it."""
    for system, model in STAGED.items():
        staged = {
            str(next(iter(row.values()))): row
            for row in built.records(f"select * from staging.{model}")
        }
        for record_id, customer in built.rows(
            "select record_id, customer_id from canonical.customer_records"
            f" where system = '{system}' and is_primary"
        ):
            yield customer, system, staged[record_id]


def expected(built: Any) -> dict[Place, list[tuple[str, str]]]:
    """Return what primary records hold of each field, who is believed first first."""
    plain = [field for field in fields() if field.rule is None]
    held: dict[str, dict[str, Row]] = defaultdict(dict)
    for customer, system, row in primaries(built):
        held[customer][system] = row
    return {
        (customer, field.name): [
            (system, records[system][field.name])
            for system in (field.owner, *field.then)
            if system in records and records[system][field.name] is not None
        ]
        for customer, records in held.items()
        for field in plain
    }


def values(built: Any, where: str) -> dict[Place, list[tuple[str, str]]]:
    """Return the values of each customer's field, the first one first."""
    found = defaultdict(list)
    for row in built.records(
        "select * from canonical.customer_field_values"
        f" where {where} order by value_rank"
    ):
        found[row["customer_id"], row["field"]].append((row["system"], row["value"]))
    return dict(found)


@pytest.mark.parametrize("fixture", ["disordered", "rich"])
def test_golden_values_are_those_of_the_contract(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """Python over the staged records takes the same values, from the same systems."""
    built = request.getfixturevalue(fixture)
    golden = {
        row["customer_id"]: row
        for row in built.records("select * from canonical.customers")
    }

    for (customer, field), told in expected(built).items():
        system, value = told[0] if told else (None, None)
        assert golden[customer][field] == value
        assert golden[customer][f"{field}_source"] == system


@pytest.mark.parametrize("fixture", ["disordered", "rich"])
def test_every_value_is_kept_beside_the_one_that_was_taken(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """All that primary records hold is there in its order; the first one won."""
    built = request.getfixturevalue(fixture)
    told = {place: held for place, held in expected(built).items() if held}

    found = values(
        built,
        "rule = 'owner' and record_key in (select record_key"
        " from canonical.customer_records where is_primary)",
    )

    assert found == told
    assert values(built, "rule = 'owner' and is_winner") == {
        place: held[:1] for place, held in told.items()
    }


def test_a_duplicate_s_value_is_never_taken(disordered: Any) -> None:
    """It is shown after all that primary records hold."""
    duplicates = disordered.rows(
        """
        select held.is_winner, count(preferred.customer_id)
        from canonical.customer_field_values as held
        inner join canonical.customer_records as records using (record_key)
        left join canonical.customer_field_values as preferred
            on preferred.customer_id = held.customer_id
            and preferred.field = held.field
            and preferred.value_rank > held.value_rank
            and preferred.record_key in (
                select record_key from canonical.customer_records where is_primary
            )
        where not records.is_primary
        group by held.is_winner
        """
    )

    assert duplicates == [(False, 0)]


def test_what_is_computed_says_so(disordered: Any) -> None:
    """A derived field has one value: the golden one, at the record it is about."""
    derived = [field.name for field in fields() if field.rule == "derived"]

    found = values(disordered, "rule = 'derived'")

    assert {field.rule for field in fields()} == RULES
    assert found == {
        (row["customer_id"], name): [(row[f"{name}_source"], row[name])]
        for row in disordered.records("select * from canonical.customers")
        for name in derived
        if row[name] is not None
    }


def test_the_erp_owns_whom_it_knows_and_the_crm_everybody_else(rich: Any) -> None:
    """Whichever ERP it is; before there is a record in one, the CRM's word counts."""
    found = rich.records(
        "select *, netsuite_customer_id is not null as in_netsuite,"
        " business_central_customer_id is not null as in_business_central"
        " from canonical.customers"
    )

    names = {(row["in_netsuite"], row["in_business_central"]): set() for row in found}
    for row in found:
        names[row["in_netsuite"], row["in_business_central"]].add(
            row["legal_name_source"]
        )

    assert names == {
        (True, False): {"netsuite"},
        (False, True): {"business_central"},
        (False, False): {"salesforce"},
    }


@pytest.fixture
def asked(disordered: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that asks `concord why` about the disordered company."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "warehouse.duckdb").symlink_to(disordered.warehouse)
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "own")
    monkeypatch.setenv("COLUMNS", "250")

    def ask(*words: str) -> str:
        words = ("why", *words)
        return CliRunner().invoke(cli.app, words, catch_exceptions=False).stdout

    return ask


def test_a_person_reads_winner_losers_and_rule(disordered: Any, asked: Any) -> None:
    """Of one field of a stale record: who holds what, and whose value was taken."""
    key, golden, stale = disordered.rows(
        "select record_key, left_value, right_value from reconciliation.breaks"
        " where check_id = 'M04' and target_field = 'Name' order by 1 limit 1"
    )[0]

    printed = asked(key, "legal_name")

    lines = {line for line in printed.splitlines() if key in line or "taken:" in line}
    assert any(golden in line and "first of owner" in line for line in lines)
    assert any(stale in line and "not taken" in line for line in lines)
    assert "billing_email" not in printed
    assert "billing_email" in asked(key)


def test_who_is_not_known_is_told(asked: Any) -> None:
    """The sentence says how to name a record."""
    with pytest.raises(NotReadyError, match="system:object:id"):
        asked("salesforce:account:nobody")
