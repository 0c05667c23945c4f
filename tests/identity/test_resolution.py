"""Who is who follows from records, pairs, references and pins, from nothing else."""

from collections.abc import Sequence
from itertools import combinations, product
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from identity.entities.customers import CUSTOMERS
from identity.resolution import (
    AMBIGUOUS,
    CONTRADICTED,
    GREY,
    SAME_SYSTEM,
    Explicit,
    Limits,
    Pair,
    Pin,
    Record,
    Resolved,
    resolve,
)

LIMITS = Limits(link=6.0, review=0.0, margin=4.0)
SYSTEMS = ("salesforce", "stripe", "netsuite")

Tax = tuple[str, str] | None


def company(
    key: str,
    system: str,
    *,
    is_live: bool = True,
    tax_id: Tax = None,
    name_key: str | None = None,
    first_word: str | None = None,
    domain: str | None = None,
    country: str | None = None,
    parent_key: str | None = None,
) -> Record:
    """Return a customer's record, as the rules of customers have it read."""
    number = None if tax_id is None else ":".join(tax_id)
    telling = number, name_key, domain
    return Record(
        key, system, is_live, tax_id, number, first_word, country, parent_key, telling
    )


def is_strong(
    name: int = -1,
    domain: int = -1,
    tax_id: int = -1,
    address: int = -1,
    phone: int = -1,
) -> bool:
    """Tell evidence on which even two records of one system are one customer."""
    if tax_id == 2:
        return name >= 1
    return name == 4 and domain == 1 and (phone == 1 or address == 5)


def weighed(left: str, right: str, weight: float, **levels: int) -> Pair:
    """Return a pair of customers' records."""
    return Pair(left, right, weight, is_strong(**levels))


Told = tuple[list[Record], list[Explicit], list[Pair], list[Pin]]


def outcome(
    records: Sequence[Record],
    explicit: Sequence[Explicit] = (),
    pairs: Sequence[Pair] = (),
    pins: Sequence[Pin] = (),
) -> Resolved:
    """Resolve with the usual limits."""
    return resolve(records, explicit, pairs, pins, LIMITS)


def reasons(found: Resolved) -> list[str]:
    """Return why people are asked."""
    return [question.reason for question in found.questions]


@some.composite
def told(draw: some.DrawFn) -> Told:
    """Draw a small world with contradictions of every kind."""
    count = draw(some.integers(2, 9))
    keys = [f"r{at}" for at in range(count)]
    numbers = some.one_of(
        some.none(), some.tuples(some.just("DE"), some.sampled_from(["1", "2"]))
    )
    words = some.sampled_from([None, "acme", "zeta"])
    records = [
        company(
            key,
            draw(some.sampled_from(SYSTEMS)),
            is_live=draw(some.integers(0, 5)) > 0,
            tax_id=draw(numbers),
            name_key=draw(words),
            first_word=draw(words),
            domain=draw(some.sampled_from([None, "a.example", "z.example"])),
            country=draw(some.sampled_from([None, "DE", "FR"])),
            parent_key=draw(some.one_of(some.none(), some.sampled_from(keys))),
        )
        for key in keys
    ]
    couples = list(combinations(keys, 2))
    chosen = some.lists(some.sampled_from(couples), unique=True, max_size=12)
    pairs = [
        weighed(
            *couple,
            weight=draw(some.sampled_from([-2.0, 1.0, 5.0, 6.0, 9.0, 15.0])),
            name=draw(some.integers(0, 4)),
            domain=draw(some.integers(-1, 1)),
            tax_id=draw(some.integers(-1, 2)),
        )
        for couple in draw(chosen)
    ]
    explicit = [Explicit(*couple, "reference") for couple in draw(chosen)[:4]]
    pins = [Pin(*couple, draw(some.booleans())) for couple in draw(chosen)[:3]]
    return records, explicit, pairs, pins


@settings(max_examples=150, deadline=None)
@given(told(), some.integers())
def test_order_changes_nothing(world: Told, seed: int) -> None:
    """Whatever comes first, the outcome is the same."""
    records, explicit, pairs, pins = world
    before = outcome(*world)

    for each in (records, explicit, pairs, pins):
        Random(seed).shuffle(each)  # noqa: S311 - any order

    assert outcome(records, explicit, pairs, pins) == before


@settings(max_examples=150, deadline=None)
@given(told())
def test_every_record_is_in_one_group_and_no_pin_is_broken(world: Told) -> None:
    """Records are divided; two that a person kept apart are never together."""
    records, _, _, pins = world
    found = outcome(*world)

    keys = [key for group in found.groups for key in group]
    assert sorted(keys) == sorted(record.key for record in records)
    for pin in pins:
        if not pin.is_same:
            assert not any({pin.left, pin.right} <= set(g) for g in found.groups)


@settings(max_examples=150, deadline=None)
@given(told())
def test_a_question_is_about_two_groups(world: Told) -> None:
    """What is in doubt is not merged, and nobody is asked twice about the same two."""
    found = outcome(*world)
    group_of = {key: group for group in found.groups for key in group}

    asked = [
        frozenset({group_of[one.left], group_of[one.right]}) for one in found.questions
    ]
    assert all(len(groups) == 2 for groups in asked)
    assert len(asked) == len(set(asked))


@settings(max_examples=100, deadline=None)
@given(told())
def test_without_a_pin_everything_is_as_it_was(world: Told) -> None:
    """A merge by hand that is withdrawn leaves no trace; so does one kept apart."""
    records, explicit, pairs, pins = world
    before = outcome(*world)
    extra = Pin(records[0].key, records[1].key, is_same=True)

    outcome(records, explicit, pairs, [*pins, extra])

    assert outcome(records, explicit, pairs, pins) == before


def test_enough_evidence_links_and_too_little_asks() -> None:
    """Six bits link, less than six are a question, less than none is nothing."""
    records = [company("a", "salesforce"), company("b", "stripe")]

    assert outcome(records, pairs=[weighed("a", "b", 6.0)]).groups == [("a", "b")]
    grey = outcome(records, pairs=[weighed("a", "b", 5.9)])
    assert grey.groups == [("a",), ("b",)]
    assert reasons(grey) == [GREY]
    assert outcome(records, pairs=[weighed("a", "b", -0.1)]).questions == []


def test_a_system_has_a_customer_once() -> None:
    """Two accounts of one system that look alike are asked about, not merged."""
    records = [company("a", "salesforce"), company("b", "salesforce")]

    found = outcome(records, pairs=[weighed("a", "b", 15.0, name=4, domain=1)])

    assert found.groups == [("a",), ("b",)]
    assert reasons(found) == [SAME_SYSTEM]


def test_a_tax_id_makes_two_accounts_one() -> None:
    """A duplicate with the customer's own number is the customer."""
    number = ("DE", "129")
    records = [
        company("a", "salesforce", tax_id=number),
        company("b", "salesforce", tax_id=number),
    ]

    found = outcome(records, pairs=[weighed("a", "b", 12.0, name=1, tax_id=2)])

    assert found.groups == [("a", "b")]


def test_what_is_strong_is_said_in_sql_too() -> None:
    """The rule that a run looks at gives the same for every pair of levels."""
    names = ("name", "domain", "tax_id", "address", "phone")
    levels = list(product(*(range(-1, len(CUSTOMERS.levels[n]) - 1) for n in names)))
    with duckdb.connect() as connection:
        connection.execute(f"create table pairs ({' tinyint, '.join(names)} tinyint)")
        connection.executemany("insert into pairs values (?, ?, ?, ?, ?)", levels)
        rule = CUSTOMERS.rules.is_strong
        rows = connection.execute(f"select *, {rule} from pairs").fetchall()

    assert {row[:5]: row[5] for row in rows} == {
        each: is_strong(*each) for each in levels
    }


def test_two_tax_ids_are_two_companies() -> None:
    """Whatever else is alike; and there is nothing to ask."""
    records = [
        company("a", "salesforce", tax_id=("DE", "129")),
        company("b", "stripe", tax_id=("DE", "130")),
    ]

    found = outcome(records, pairs=[weighed("a", "b", 20.0, name=4, domain=1)])

    assert (found.groups, found.questions) == ([("a",), ("b",)], [])


def test_a_parent_is_not_its_subsidiary() -> None:
    """One domain and one first word do not make a group one company."""
    records = [
        company("parent", "salesforce"),
        company("child", "stripe", parent_key="parent"),
    ]

    found = outcome(records, pairs=[weighed("child", "parent", 9.0, name=1, domain=1)])

    assert (found.groups, found.questions) == ([("child",), ("parent",)], [])


def test_of_two_that_fit_alike_neither_is_taken() -> None:
    """A chain's shop that could be one of two accounts is asked about."""
    records = [
        company("a1", "salesforce", tax_id=("DE", "1")),
        company("a2", "salesforce", tax_id=("DE", "2")),
        company("z", "zendesk"),
    ]
    pairs = [weighed("a1", "z", 11.0), weighed("a2", "z", 8.0)]

    assert reasons(outcome(records, pairs=pairs)) == [AMBIGUOUS, AMBIGUOUS]
    clear = outcome(records, pairs=[weighed("a1", "z", 13.0), weighed("a2", "z", 8.0)])
    assert clear.groups == [("a1", "z"), ("a2",)]


def test_what_a_system_refers_to_is_followed() -> None:
    """A reference needs no resemblance: one customer has different names."""
    records = [
        company("a", "salesforce", name_key="acme", domain="acme.example"),
        company("b", "stripe", name_key="zeta", domain="acme.example"),
    ]

    found = outcome(records, [Explicit("a", "b", "reference")])

    assert found.groups == [("a", "b")]


def test_a_reference_that_everything_contradicts_is_asked_about() -> None:
    """An id that was copied to the wrong record merges nothing."""
    records = [
        company(
            "a",
            "salesforce",
            tax_id=("DE", "1"),
            name_key="acme",
            domain="acme.example",
        ),
        company(
            "b", "stripe", tax_id=("DE", "2"), name_key="zeta", domain="zeta.example"
        ),
    ]

    found = outcome(records, [Explicit("a", "b", "reference")])

    assert found.groups == [("a",), ("b",)]
    assert reasons(found) == [CONTRADICTED]


@pytest.mark.parametrize("is_same", [True, False])
def test_what_a_person_said_outweighs_all(*, is_same: bool) -> None:
    """Same against two tax ids; different against a reference and every resemblance."""
    records = [
        company("a", "salesforce", tax_id=("DE", "1")),
        company("b", "salesforce", tax_id=("DE", "2")),
        company("c", "stripe", tax_id=("DE", "1")),
    ]
    pairs = [weighed("a", "c", 20.0, name=4, tax_id=2)]

    found = outcome(
        records,
        [Explicit("a", "c", "reference")],
        pairs,
        [Pin("a", "b" if is_same else "c", is_same)],
    )

    expected: list[tuple[str, ...]]
    expected = [("a", "b", "c")] if is_same else [("a",), ("b",), ("c",)]
    assert found.groups == expected
    assert found.questions == []
