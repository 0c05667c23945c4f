"""A model is learned from records that refer to each other, and is whole or refused."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from identity import warehouse
from identity.entities import ENTITIES
from identity.entities.customers import CUSTOMERS
from identity.entities.entity import UNKNOWN, Entity
from identity.estimate import TooFewError, another_version, estimate
from identity.model import Model, UntrainedError, load, read
from tests.identity.conftest import Place

ON = date(2026, 11, 1)


@pytest.fixture(scope="module")
def learned(resolved: Place) -> Model:
    """A model that was learned from the company itself."""
    with warehouse.opened(resolved.warehouse, read_only=True) as connection:
        return estimate(connection, "customers", ON, "a test")


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_the_model_that_is_used_is_whole(entity: Entity) -> None:
    """Every level of every comparison has a weight, and its record says whence."""
    model = load(entity.name)

    assert {name: set(levels) for name, levels in model.weights().items()} == {
        name: set(levels) - {UNKNOWN} for name, levels in entity.levels.items()
    }
    assert model.estimated.keys() >= {"on", "source"}
    settings = entity.settings(0.5)
    rules = "blocking_rules_to_generate_predictions"
    assert [each["blocking_rule"] for each in model.splink[rules]] == [
        each["blocking_rule"] for each in settings[rules]
    ]


def test_what_is_learned_makes_sense(learned: Model) -> None:
    """To agree speaks for two records, the more the more alike; to differ against."""
    for comparison in CUSTOMERS.comparisons:
        weights = learned.weights()[comparison.name]
        assert weights[len(comparison.levels)] > 2
        assert weights[0] < -1
    assert {"freemail.example", "mailbox.example"} & set(learned.shared_domains)


def test_records_of_one_customer_meet(learned: Model) -> None:
    """Hardly a pair that is known to be one customer is never compared."""
    blocking = learned.estimated["blocking"]

    assert blocking["any"]["labelled"] >= 0.98 * learned.estimated["labelled_pairs"]
    assert blocking["any"]["pairs"] < 0.01 * learned.estimated["pairs"]
    assert all(rule["labelled"] > 0 for rule in blocking.values())


def test_learning_twice_finds_the_same(resolved: Place, learned: Model) -> None:
    """Nothing is left to chance that is not repeatable."""
    with warehouse.opened(resolved.warehouse, read_only=True) as connection:
        again = estimate(connection, "customers", ON, "a test")

    assert again.fingerprint == learned.fingerprint


def test_a_model_is_kept_as_it_is(learned: Model, tmp_path: Path) -> None:
    """What is read is what was written."""
    learned.save(tmp_path / "model.json")

    assert read(tmp_path / "model.json").fingerprint == learned.fingerprint


def test_a_level_without_a_weight_is_refused(learned: Model, tmp_path: Path) -> None:
    """No default stands in for what was never learned; the sentence names it."""
    comparisons = [dict(each) for each in learned.splink["comparisons"]]
    name = comparisons[0]["output_column_name"]
    levels = [dict(each) for each in comparisons[0]["comparison_levels"]]
    del levels[-1]["m_probability"]
    comparisons[0]["comparison_levels"] = levels
    broken = replace(learned, splink={**learned.splink, "comparisons": comparisons})
    broken.save(tmp_path / "model.json")

    with pytest.raises(UntrainedError, match=repr(name)):
        read(tmp_path / "model.json")


def test_too_few_references_are_refused(place: Place) -> None:
    """Nothing is learned from a handful of pairs."""
    place.execute(
        "delete from raw_hubspot.companies",
        "delete from raw_vitally.accounts",
        "delete from raw_stripe.customers",
        "delete from raw_chargebee.customers",
        "delete from raw_zendesk.organizations",
    )

    with (
        warehouse.opened(place.warehouse, read_only=True) as connection,
        pytest.raises(TooFewError, match="500 are needed"),
    ):
        estimate(connection, "customers", ON, "a test")


def test_another_version_keeps_the_limits_that_people_chose(learned: Model) -> None:
    """Estimation learns weights; from which on two are linked, people decide."""
    before = replace(load(), version=3, link_weight=9.0)

    after = another_version(learned, before)

    assert (after.version, after.link_weight) == (4, 9.0)
    assert after.splink == learned.splink
