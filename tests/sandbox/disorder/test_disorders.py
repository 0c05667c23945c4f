"""Every disorder of the registry: planted at its rate, labelled, and nothing besides.

Each runs on a company of 200 customers that has all features.
"""

from typing import Any

import pytest

from sandbox.company.company import Company
from sandbox.disorder.catalogue import Disorder
from sandbox.disorder.registry import DISORDERS
from sandbox.disorder.scene import Planted, Scene, value_at
from tests.sandbox.disorder.conftest import Planter, Spoiled

every = pytest.mark.parametrize("each", DISORDERS, ids=lambda each: each.name)


def labelled(planted: Planted) -> set[str]:
    """Return the keys of the records that a label says have changed."""
    return {planted.record_key, *planted.also}


def alone(spoiled: Planter, each: Disorder[Any]) -> Spoiled:
    """Return the records with this disorder only."""
    return spoiled({each.name: each.rate})


@every
def test_a_disorder_is_planted_at_its_rate(
    each: Disorder[Any], company: Company, scene: Scene, spoiled: Planter
) -> None:
    """It hits its share of those to whom it can happen, at least one of them."""
    people = company.customer_by_key
    owners = {owner for owner, _ in each.find(scene)}
    suitable = {
        owner
        for owner in owners
        if owner not in people or not people[owner].missing_links
    }

    planting = alone(spoiled, each).planting

    assert len(planting.planted) == max(1, int(len(suitable) * each.rate + 0.5))
    assert planting.short == ()
    for planted in planting.planted:
        assert (planted.kind, planted.check) == (each.name, each.checks[0])
        assert planted.note.partition(": ")[0] in {"automatic", "approval", "person"}


@every
def test_the_record_holds_the_wrong_value_and_the_truth_the_right_one(
    each: Disorder[Any], spoiled: Planter
) -> None:
    """`wrong` stands in the record, `expected` in the one that it was."""
    found = alone(spoiled, each)
    for planted in found.planting.planted:
        before = found.before.get(planted.record_key)
        after = found.after.get(planted.record_key)
        if planted.field is None:  # the whole record is too much, or is missing
            assert (before is None) != (after is None)
            continue
        assert after is not None
        assert planted.wrong != planted.expected
        assert value_at(after, planted.field) == planted.wrong
        if before is None:  # added: what is expected is another record's id
            assert any(key.endswith(f":{planted.expected}") for key in found.before)
        elif before == after:  # right by itself, wrong beside what else changed
            assert planted.also
        else:
            assert value_at(before, planted.field) == planted.expected


@every
def test_nothing_differs_but_what_the_labels_name(
    each: Disorder[Any], spoiled: Planter
) -> None:
    """The records that differ are the labelled ones, of the objects it touches."""
    found = alone(spoiled, each)
    planted = found.planting.planted
    touches = {place.lower() for place in each.touches}

    differing = found.differing()

    names = {key for one in planted for key in labelled(one)}
    companions = {key for one in planted for key in one.also}
    assert companions <= differing <= names
    assert {".".join(key.split(":")[:2]) for key in names} <= touches


@every
def test_a_disorder_is_the_same_among_all_others(
    each: Disorder[Any], spoiled: Planter
) -> None:
    """Planting others too moves none of its mistakes."""
    by_itself = alone(spoiled, each).planting.planted

    among_all = spoiled("all").planting.planted

    assert [one for one in among_all if one.kind == each.name] == list(by_itself)
