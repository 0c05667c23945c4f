"""Planting by rate: the same each time, no two mistakes on one customer, all said."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.company.company import Company, build
from sandbox.control import planted_record
from sandbox.disorder.duplicates import billing_customer_again
from sandbox.disorder.plant import plant, rates_of
from sandbox.disorder.registry import CHECKS, DISORDERS, UNPLANTABLE
from sandbox.disorder.scene import Scene, put_at, value_at
from sandbox.documents import Documents, documents
from sandbox.options import options
from sandbox.stripe.documents import customer_document
from sandbox.world import build_world, build_world_part
from tests.sandbox.disorder.conftest import AS_OF, SEED, Planter


def test_each_check_has_a_disorder_or_a_reason_why_none_can_show_it() -> None:
    """Nothing of the reconciliation catalogue is forgotten or said twice."""
    shown = {check for each in DISORDERS for check in each.checks}

    assert len(CHECKS) == 130
    assert shown | UNPLANTABLE.keys() == set(CHECKS)
    assert not shown & UNPLANTABLE.keys()
    assert all(UNPLANTABLE.values())


def test_each_disorder_has_a_name_of_its_own() -> None:
    """A name is what a person asks for."""
    names = Counter(each.name for each in DISORDERS)

    assert max(names.values()) == 1
    assert all(re.fullmatch(r"\S.*\S", name) for name in names)
    assert all(0 < each.rate <= 1 and each.touches for each in DISORDERS)


def test_everything_can_happen_to_one_company(spoiled: Planter) -> None:
    """All disorders at once: each is there, and the labels still say all."""
    found = spoiled("all")

    planted = found.planting.planted
    names = {key for one in planted for key in (one.record_key, *one.also)}
    assert {one.kind for one in planted} == {each.name for each in DISORDERS}
    assert found.planting.short == ()
    assert found.differing() <= names


def test_no_mistake_hides_another(spoiled: Planter) -> None:
    """No record that one mistake is about is changed by another one.

    A coupon, a meter or a payout may be part of several.
    """
    shared = {"stripe:coupon", "stripe:billing.meter", "stripe:payout"}
    shared |= {"stripe:balance_transaction", "netsuite:deposit"}
    planted = spoiled("all").planting.planted
    changed = Counter(
        key
        for one in planted
        for key in {one.record_key, *one.also}
        if key.rpartition(":")[0] not in shared
    )

    assert [key for key, times in changed.items() if times > 1] == []


def test_the_same_seed_plants_the_same(company: Company, written: Documents) -> None:
    """Planted twice, the labels and every record are equal."""
    runs = []
    for _ in range(2):
        copied = {
            system: {name: list(records) for name, records in objects.items()}
            for system, objects in written.items()
        }
        runs.append((plant(company, copied, SEED, "all"), copied))

    assert runs[0] == runs[1]


def test_another_rate_leaves_the_other_disorders_alone(spoiled: Planter) -> None:
    """Three times as many of one kind move none of another."""
    one, other = "former name in billing", "invoice posted twice"

    few = spoiled({one: 0.01, other: 0.01}).planting.planted
    many = spoiled({one: 0.03, other: 0.01}).planting.planted

    assert [e for e in few if e.kind == other] == [e for e in many if e.kind == other]
    first = [each for each in few if each.kind == one]
    assert [each for each in many if each.kind == one][: len(first)] == first


def test_a_single_disorder_may_hit_everybody(spoiled: Planter) -> None:
    """One disorder alone is not held to its share of the customers."""
    planting = spoiled({"credit balance that the ERP does not know": 1.0}).planting

    assert len(planting.planted) > 140
    assert planting.short == ()


def test_where_customers_run_out_it_is_said_how_many_were_planted(
    spoiled: Planter,
) -> None:
    """Less than was asked for is no error and no secret."""
    planting = spoiled({each.name: 1.0 for each in DISORDERS}).planting

    counted = Counter(each.kind for each in planting.planted)
    assert planting.short
    for each in planting.short:
        assert each.planted == counted[each.name] < each.wanted


def test_a_company_without_the_feature_says_what_it_needs() -> None:
    """What cannot be shown is named with the features that would show it."""
    company = build(7, 60, 12, AS_OF)
    name = "lost dispute that nobody wrote off"

    planting = plant(company, documents(company), 7, {name: 0.5})

    assert planting.planted == ()
    (short,) = planting.short
    assert (short.name, short.needs) == (name, ("ledger", "payments"))


def test_a_company_without_features_has_what_needs_none() -> None:
    """A plain company has every disorder without needs to whom it can happen."""
    world = build_world(7, 200, 24, AS_OF, disorder="all")

    needless = {each.name for each in DISORDERS if not each.needs}
    missing = {each.name for each in world.short if not each.needs}
    assert {each.kind for each in world.planted} == needless - missing
    assert missing <= {"street that the ERP does not have"}


def test_a_part_of_a_company_has_mistakes_of_its_own_customers_only() -> None:
    """Products, rates and journals stand in every part: no part may spoil them."""
    common = {"salesforce:product2", "netsuite:item", "netsuite:currencyrate"}
    world = build_world_part(
        7,
        25_000,
        12,
        AS_OF,
        range(80),
        disorder="all",
        features=frozenset({"ledger"}),
    )

    touched = {key.rpartition(":")[0] for e in world.planted for key in e.also}
    touched |= {each.record_key.rpartition(":")[0] for each in world.planted}
    assert world.planted
    assert not touched & common


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("some", "none, default, all"),
        (None, "none, default, all"),
        ([], "none, default, all"),
        ({"sadness": 0.1}, "no disorder 'sadness'"),
        ({"negative usage": 1.1}, "between 0 and 1"),
        ({"negative usage": -0.1}, "between 0 and 1"),
        ({"negative usage": float("nan")}, "between 0 and 1"),
        ({"negative usage": float("inf")}, "between 0 and 1"),
        ({"negative usage": True}, "must be a number"),
        ({"negative usage": "0.1"}, "must be a number"),
        ({"negative usage": None}, "must be a number"),
    ],
)
def test_rates_that_make_no_sense_are_refused(wanted: Any, message: str) -> None:
    """A typing error is said, not planted."""
    with pytest.raises(ValueError, match=re.escape(message)):
        rates_of(wanted)


def test_a_file_of_rates_is_taken_from_the_command_line(tmp_path: Path) -> None:
    """`--disorder FILE` plants what the file says; nonsense ends with a sentence."""
    rates = {"void invoice still open in ERP": 0.01}
    file = tmp_path / "rates.json"
    file.write_text(json.dumps(rates))
    foolish = tmp_path / "foolish.json"
    foolish.write_text('{"sadness": 1}')

    assert options(["--disorder", str(file)]).plan.disorder == rates
    assert options(["--disorder", "all"]).plan.disorder == "all"
    with pytest.raises(SystemExit):
        options(["--disorder", str(foolish)])


def test_the_truth_names_the_check_and_the_other_records(spoiled: Planter) -> None:
    """What the control door tells of a mistake has its check."""
    name = "payment that settles nothing"
    (first, *_) = spoiled({name: 0.01}).planting.planted

    told = planted_record(first)

    assert (told["kind"], told["check"]) == (name, "C06")
    assert told["record_key"].startswith("netsuite:payment_application:")
    assert len(told["also"]) == 1


def test_planting_leaves_the_documents_that_it_copied_from(
    company: Company, written: Documents, scene: Scene
) -> None:
    """A record is copied before it is changed, and then the copy is in its place."""
    identity = written["salesforce"]["Account"][0]["Id"]
    own = Scene(
        company, {"salesforce": {"Account": [*written["salesforce"]["Account"]]}}, 1
    )

    own.record("salesforce", "Account", identity)["Name"] = "Other"

    assert own.look("salesforce", "Account", identity)["Name"] == "Other"
    assert scene.look("salesforce", "Account", identity)["Name"] != "Other"
    assert list(own.touched) == [("salesforce", "Account", identity)]


def test_metadata_of_a_planted_record_are_texts(
    company: Company, written: Documents
) -> None:
    """Stripe has no other: a customer without a tax id has no such key."""
    copied = {
        system: {name: list(records) for name, records in objects.items()}
        for system, objects in written.items()
    }
    scene = Scene(company, copied, SEED)
    untaxed = next(
        each
        for each in company.customers
        if "tax_id" not in customer_document(company, each)["metadata"]
    )

    planted = billing_customer_again(scene, untaxed, scene.rng)

    assert scene.look("stripe", "customer", planted.record_id)["metadata"] == {}


def test_a_field_may_lie_deep_in_a_record() -> None:
    """Dots lead into objects and lists; where nothing is, nothing is found."""
    record = {"items": {"data": [{"quantity": 1}]}}

    put_at(record, "items.data.0.quantity", 2)

    assert value_at(record, "items.data.0.quantity") == 2
    assert value_at(record, "items.data.1.quantity") is None
    assert value_at(record, "items.none.at.all") is None
    assert value_at({"a": "text"}, "a.b") is None
