"""Plan as a document: frozen, named after its content, complete or not there."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import Transient
from ingestion.transport.budget import Limits
from ingestion.transport.windows import Window
from operations.exceptions import open_exceptions
from reverse_etl.described import Property, describe
from reverse_etl.destinations import Caps
from reverse_etl.document import document, named, sizes
from reverse_etl.forecast import Forecast, forecast
from reverse_etl.ledger import Ledger, UnknownPlanError
from reverse_etl.plan import PlanUnavailableError, make_plan
from tests.reverse_etl.support import START, House, Vendor, create, invoice, update


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """A house with one difference."""
    built = House(tmp_path, ledger)
    built.customer("a1", "Acme Inc.", "Acme")
    return built


def test_equal_inputs_give_equal_bytes(house: House) -> None:
    """A plan made again from what it was made from is the same plan."""
    first, again = house.plan(), house.plan()

    assert document(first) == document(again)
    assert first.plan_id == again.plan_id == named(document(first))


def test_whatever_differs_makes_another_plan(house: House) -> None:
    """An approval of a plan is of exactly this one."""
    plan = house.plan()
    (change,) = plan.changes
    others = [
        replace(plan, made_at=START + timedelta(seconds=1)),
        replace(plan, author="ann"),
        replace(plan, changes=(replace(change, reason="another"),)),
        replace(plan, loads={"crm": "2"}),
        replace(plan, contract_hash="another"),
        replace(plan, converged=()),
        replace(plan, sizes={}),
    ]

    assert len({named(document(other)) for other in [plan, *others]}) == 8


def test_a_plan_that_was_taken_in_is_found_as_it_was(house: House) -> None:
    """By its name, or as the last one."""
    plan = house.admit()
    kept = house.ledger.document(plan.plan_id)

    assert kept == house.ledger.document()
    assert kept.pop("plan_id") == plan.plan_id
    assert kept == json.loads(document(plan))
    assert sizes(kept) == plan.sizes
    with pytest.raises(UnknownPlanError, match="no plan nowhere"):
        house.ledger.document("nowhere")


@pytest.mark.parametrize(
    "damage",
    [
        "drop table staging.stg_crm__accounts",
        "alter table staging.stg_crm__accounts drop column discount",
        "alter table canonical.customers alter legal_name type double using 1.0",
    ],
)
def test_a_plan_that_could_not_look_is_no_plan(house: House, damage: str) -> None:
    """Not a plan of the rest, which would look as if the rest were all."""
    with duckdb.connect(str(house.load())) as connection:
        connection.execute(damage)

    with pytest.raises(PlanUnavailableError, match="not everything could be looked at"):
        make_plan(house.path, house.contract, house.ledger, made_at=START)


def test_without_a_warehouse_there_is_no_plan(house: House) -> None:
    """Nothing is created on the way, either."""
    with pytest.raises(PlanUnavailableError):
        make_plan(house.path, house.contract, house.ledger, made_at=START)

    assert not house.path.exists()


def test_a_plan_names_the_loads_that_it_saw_and_the_winning_records(
    house: House,
) -> None:
    """Each value can be followed to the row that it comes from."""
    with duckdb.connect(str(house.load())) as connection:
        connection.execute("create schema raw_crm; create schema raw_erp")
        for system in ("crm", "erp"):
            connection.execute(
                f"create table raw_{system}._dlt_loads (load_id text, status integer)"
            )
        connection.execute(
            "insert into raw_crm._dlt_loads values ('1', 0), ('2', 0), ('3', 1);"
            "create table canonical.customer_field_values as select 'c-a1' as"
            " customer_id, 'legal_name' as field, 'erp:customer:7' as record_key,"
            " true as is_winner; create schema marts;"
            "create table marts.arr_balances as select 'c-a1' as customer_id,"
            " date '2026-10-01' as month, 1200 as closing_held_usd_minor"
        )

    plan = make_plan(house.path, house.contract, house.ledger, made_at=START)

    assert plan.loads == {"crm": "2"}
    assert plan.changes[0].fields[0].source_record == "erp:customer:7"
    assert plan.arr_minor == {"c-a1": 1200}


NAME = {"Name": Property(), "Discount": Property()}


@pytest.mark.parametrize(
    ("properties", "kind", "sentence"),
    [
        (
            {"Discount": Property()},
            "missing_field",
            "crm Account has no field Name, which the contract pushes.",
        ),
        (
            {**NAME, "Name": Property(writable=False)},
            "read_only",
            "Name of crm Account cannot be written by us.",
        ),
        (
            {**NAME, "Name": Property(max_length=8)},
            "too_long",
            "Name of crm Account takes 8 characters and 'Acme Inc.' has 9.",
        ),
        (
            {**NAME, "Name": Property(options=frozenset({"Acme"}))},
            "not_allowed",
            "Name of crm Account does not offer 'Acme Inc.' as a choice.",
        ),
    ],
)
def test_what_a_field_cannot_take_is_one_exception_and_the_rest_flows(
    house: House, properties: dict[str, Property], kind: str, sentence: str
) -> None:
    """With the next step, and before anything is sent."""
    house.customer("a2", "Beta Ltd.", "Beta")
    house.there["a2"]["discount"] = "forever"
    house.golden["a2"]["legal_name"] = None
    house.customer("a3", "Acme Inc.", "Acme")

    plan = make_plan(
        house.load(),
        house.contract,
        house.ledger,
        made_at=START,
        described={("crm", "Account"): properties},
    )

    of_all = kind in {"missing_field", "read_only"}
    assert [change.values for change in plan.changes] == [{"Discount": None}]
    assert [issue.kind for issue in plan.issues] == [kind] * (1 if of_all else 2)
    assert plan.issues[0].broken.subject == sentence
    assert plan.issues[0].broken.detail["next_step"]


def test_a_value_that_fits_is_planned(house: House) -> None:
    """Length and choice are limits, not differences."""
    fits = Property(max_length=9, options=frozenset({"Acme Inc."}))

    plan = make_plan(
        house.load(),
        house.contract,
        house.ledger,
        made_at=START,
        described={("crm", "Account"): {**NAME, "Name": fits}},
    )

    assert (len(plan.changes), plan.issues) == (1, ())


def test_a_record_that_cannot_hold_its_values_is_not_made(house: House) -> None:
    """Half an invoice is none; the other one is made."""
    house.invoices = [invoice(), invoice(invoice_id="in_2", number="too long a number")]
    short = {name: Property(max_length=6) for name in ("number", "entity", "total")}

    plan = make_plan(
        house.load(),
        house.contract,
        house.ledger,
        made_at=START,
        described={("erp", "invoice"): {**short, "currency": Property()}},
    )

    made = [change.external_key for change in plan.changes if change.record_id is None]
    assert made == ["in_1"]
    assert [(issue.kind, issue.record_id) for issue in plan.issues] == [
        ("too_long", "key:in_2")
    ]


def test_a_mended_field_closes_its_exception(house: House) -> None:
    """The next plan looks again."""
    blocked = {("crm", "Account"): {"Discount": Property()}}
    plan = make_plan(
        house.load(), house.contract, house.ledger, made_at=START, described=blocked
    )
    house.ledger.record(plan, {}, START)
    opened = open_exceptions(house.ledger.store)

    house.admit()

    assert [each.broken.kind for each in opened] == ["missing_field"]
    assert open_exceptions(house.ledger.store) == []


class Told(Vendor):
    """A vendor that describes its objects."""

    def describe(self, object_name: str) -> dict[str, Property]:
        """Tell of one field, or fail as told."""
        if self.read_faults:
            raise self.read_faults.pop(0)
        return {object_name: Property()}


def test_only_systems_that_can_tell_are_asked() -> None:
    """One that is away makes the plan unavailable: its fault is raised."""
    objects = {("crm", "Account"), ("erp", "invoice"), ("none", "Thing")}
    destinations = {"crm": Told({}), "erp": Vendor({}, system="erp")}

    assert describe(destinations, objects) == {
        ("crm", "Account"): {"Account": Property()}
    }
    destinations["crm"].read_faults.append(Transient("crm", "away"))
    with pytest.raises(Transient):
        describe(destinations, objects)


def window(calls: int, seconds: float, paths: str = "") -> Window:
    """Make a limit."""
    return Window("w", calls, seconds, "invented", paths)


@pytest.mark.parametrize(
    ("windows", "seconds", "share"),
    [
        ((), 5.0, None),
        ((window(1000, 86_400.0), window(3, 1.0, "/search")), 5.0, 0.01),
        ((window(3, 60.0), window(100, 1.0)), 200.0, None),
    ],
)
def test_a_forecast_counts_looks_writes_and_windows(
    windows: Sequence[Window], seconds: float, share: float | None
) -> None:
    """Twelve updates: 2 x 2 looks at eight, 3 writes of four; a creation: 2 and 1."""
    changes = [update(f"a{number}") for number in range(12)]
    changes.append(create(object="Account"))
    changes.append(update(system="elsewhere"))
    limits = Limits(tuple(windows), 5, "invented")

    found = forecast(changes, {"crm": Caps(read_size=8, write_size=4)}, {"crm": limits})

    calls = (2 * 2 + 3) + (2 + 1)
    assert found == (Forecast("crm", "Account", 13, calls, seconds, share),)
