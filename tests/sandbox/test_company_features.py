"""What a company may have besides: each feature alone, all together, none at all."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from sandbox.company.cast import Role, cast, drawn
from sandbox.company.company import Company, build, build_part
from sandbox.company.drawing import Drawer, Drawn
from sandbox.company.features import ALL_FEATURES
from sandbox.company.lifecycle import Window
from sandbox.company.names import COMPOUNDS, SYLLABLES, word, words
from sandbox.company.segments import BY_NAME, SEGMENTS
from sandbox.documents import documents

AS_OF = date(2026, 10, 31)
# What the demo, the dbt models and the checks stand on: with other documents they
# would be about another company.
FIRST_FOUR = ("salesforce", "stripe", "zendesk", "netsuite")
PLAIN = {
    (7, 400, 24): "170625ace9d7f9d2c43ca0c894cf1d1088a0ab4cc21dbf38d2b8a43b7a5f20fb",
    (7, 25, 6): "d5fc059703d9e8d001c6941a1259765efb355bc5081c933e116e9f492c0cf382",
}
# They change what is signed; the others only add to it.
SHAPING = frozenset({"lifecycle", "segments", "tiers"})
ADDING = ALL_FEATURES - SHAPING


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with all features and three years of history."""
    return build(7, 400, 36, AS_OF, ALL_FEATURES)


@pytest.fixture(scope="module")
def plain() -> Company:
    """The same company without any."""
    return build(7, 120, 18, AS_OF)


@pytest.fixture(scope="module")
def adding() -> Company:
    """The same company with all features that only add."""
    return build(7, 120, 18, AS_OF, ADDING)


@pytest.fixture(scope="module", params=PLAIN, ids=str)
def written_out(request: pytest.FixtureRequest) -> tuple[tuple[int, int, int], str]:
    """All documents of a company without features, as text."""
    seed, customers, months = request.param
    every = documents(build(seed, customers, months, AS_OF))
    records = {system: every[system] for system in FIRST_FOUR}
    return request.param, json.dumps(records, sort_keys=True, default=str)


def test_without_features_every_document_is_as_it_always_was(
    written_out: tuple[tuple[int, int, int], str],
) -> None:
    """No feature moves a byte of the company that has none."""
    size, text = written_out

    assert hashlib.sha256(text.encode()).hexdigest() == PLAIN[size]


def test_the_same_features_draw_the_same_company() -> None:
    """A seed and a set of features name one company."""
    first = build(3, 60, 12, AS_OF, ALL_FEATURES)

    assert first == build(3, 60, 12, AS_OF, ALL_FEATURES)
    assert first != build(4, 60, 12, AS_OF, ALL_FEATURES)


def test_an_unknown_feature_is_refused() -> None:
    """A misspelt feature is not silently a company without it."""
    with pytest.raises(ValueError, match="no feature lifecycles"):
        build(1, 40, 12, AS_OF, frozenset({"lifecycles"}))


def _signed(company: Company) -> list[Any]:
    return [
        (
            each.key,
            each.starts_on,
            each.ends_before,
            each.interval,
            each.discount,
            [
                (line.key, line.sku, line.quantity, line.unit_minor)
                for line in each.lines
            ],
        )
        for each in company.contracts
    ]


def _used(company: Company) -> list[Any]:
    return [(day.contract_key, day.sku, day.on, day.quantity) for day in company.usage]


def _asked(company: Company) -> list[Any]:
    return [(each.key, each.subject, each.created_on) for each in company.tickets]


def _billed(company: Company) -> list[Any]:
    return [(each.key, each.issued_on, each.total_minor) for each in company.invoices]


@pytest.mark.parametrize("feature", sorted(ADDING))
def test_a_feature_that_adds_changes_nothing_that_was_signed(
    plain: Company, feature: str
) -> None:
    """Contracts, usage, invoices and tickets are those of the plain company."""
    more = build(7, 120, 18, AS_OF, frozenset({feature}))

    for told in (_signed, _used, _asked, _billed):
        assert told(more) == told(plain)


def test_tiers_change_prices_and_nothing_else(plain: Company) -> None:
    """The same units of the same contracts, on invoices of the same days."""
    tiered = build(7, 120, 18, AS_OF, frozenset({"tiers"}))

    assert _signed(tiered) == _signed(plain)
    assert _used(tiered) == _used(plain)
    assert [each.key for each in tiered.invoices] == [e.key for e in plain.invoices]
    assert _billed(tiered) != _billed(plain)


def test_whom_the_lifecycle_leaves_alone_lives_as_before(plain: Company) -> None:
    """About half of the customers have no turn, and the same contracts as before."""
    lived = build(7, 120, 18, AS_OF, frozenset({"lifecycle"}))
    before: dict[str, list[Any]] = defaultdict(list)
    after: dict[str, list[Any]] = defaultdict(list)
    for story, source in ((before, plain), (after, lived)):
        for place, each in enumerate(source.contracts):
            story[each.customer.key].append(_signed(source)[place])
    same = [key for key in before if before[key] == after[key]]

    assert 0.45 < len(same) / len(before) < 0.8


Told = Callable[[Company], list[Any]]
BROUGHT: dict[str, Told] = {
    "bundles": lambda c: [
        (deal.key, line.key, line.bundle_key)
        for deal in c.deals
        for line in deal.lines
        if line.bundle_key
    ],
    "credit_notes": lambda c: list(c.credit_notes),
    "entities": lambda c: [each.entity for each in c.customers],
    "health": lambda c: [(each.customer.key, each.on, each.score) for each in c.health],
    "hierarchy": lambda c: [
        (e.parent_key, e.chain, e.domain) for e in c.customers[:16]
    ],
    "identity": lambda c: [
        (each.legal_name, each.people[0].last_name) for each in c.customers
    ],
    "marketing": lambda c: [(each.key, each.on) for each in c.touches],
    "payments": lambda c: [*c.attempts, *c.disputes],
}


@pytest.mark.parametrize("feature", sorted(BROUGHT))
def test_a_feature_brings_the_same_alone_and_in_company(
    adding: Company, feature: str
) -> None:
    """Features draw from streams of their own: none moves what another drew."""
    alone = build(7, 120, 18, AS_OF, frozenset({feature}))

    assert BROUGHT[feature](alone) == BROUGHT[feature](adding)
    assert BROUGHT[feature](alone)


def test_a_customer_is_drawn_without_the_others() -> None:
    """One customer's story follows from its number: nobody else need be drawn."""
    whole = build(5, 60, 12, AS_OF, ALL_FEATURES)
    window = Window(date(2025, 11, 1), AS_OF, 12)
    alone = Drawn()

    Drawer(5, window, ALL_FEATURES).customer(37, cast(5, 60)[37], alone)

    (customer,) = alone.customers
    assert customer == whole.customers[37]
    assert [each.key for each in alone.invoices] == [
        each.key for each in whole.invoices_of[customer.key]
    ]


def test_a_very_large_company_is_the_sum_of_its_parts() -> None:
    """A part drawn alone has the very facts that it has within a larger part."""

    def part(numbers: range) -> Company:
        return build_part(5, 50_000, 12, AS_OF, features=ALL_FEATURES, numbers=numbers)

    larger, smaller = part(range(30_000, 30_030)), part(range(30_010, 30_020))
    keys = {each.key for each in smaller.customers}

    assert smaller.customers == larger.customers[10:20]
    assert smaller.invoices == tuple(
        each for each in larger.invoices if each.customer.key in keys
    )
    assert smaller.orders == tuple(
        each for each in larger.orders if each.customer_key in keys
    )


def test_very_many_parts_come_by_chance_near_the_quotas() -> None:
    """A part that follows from its number is as often a yen customer as by quota."""
    parts = [drawn(7, number) for number in range(4_000)]
    currencies = Counter(part.currency for part in parts)
    roles = Counter(part.role for part in parts)

    assert 0.04 < currencies["JPY"] / 4_000 < 0.06
    assert 0.13 < sum(part.segment == "Enterprise" for part in parts) / 4_000 < 0.18
    assert all(0.5 < roles[role] / 10 / n < 1.6 for role, n in _per_400().items())
    assert 0.2 < sum(part.interval == "year" for part in parts) / 4_000 < 0.3


def _per_400() -> dict[Role, int]:
    return {Role.LARGE: 4, Role.AMENDED: 8, Role.METERED: 10, Role.FAILING: 12}


def test_names_serve_two_million_companies() -> None:
    """First words never repeat: syllables of two letters are read in one way only."""
    sample = [word(7, number)[0] for number in range(COMPOUNDS - 50, COMPOUNDS + 3_000)]
    far = [word(7, number)[0] for number in range(1_990_000, 2_000_000)]

    assert len({each.lower() for each in (*sample, *far)}) == 13_050
    assert {len(syllable) for syllable in SYLLABLES} == {2}
    assert len(SYLLABLES) ** 4 > 2_000_000
    assert words(7, 800)[:400] == words(7, 400)
    assert word(7, 20_000) == words(7, 20_001)[-1]


def test_every_customer_buys_from_one_entity(company: Company) -> None:
    """Three entities share the customers; who sells decides the ERP and the billing."""
    shares = Counter(each.entity for each in company.customers)

    assert {each.code for each in company.entities} == set(shares)
    assert all(shares[each.code] > 20 for each in company.entities)
    assert {each.entity for each in company.using("stripe").customers} == {"US", "UK"}
    assert {each.entity for each in company.using("chargebee").customers} == {"DE"}


def test_ten_segments_differ_in_size_and_behaviour(company: Company) -> None:
    """All ten occur, the small ones too; enterprises stay longer than shops."""
    shares = Counter(each.segment for each in company.customers)

    assert set(shares) == set(BY_NAME)
    assert all(sum(each.weight for each in group) == 100 for group in SEGMENTS.values())
    assert shares["SMB Retail"] > shares["Ent Public"]


def test_nothing_that_features_add_happens_after_the_last_day(company: Company) -> None:
    """The history ends on the last day for the new facts too."""
    days = [each.on for each in company.attempts]
    days += [each.opened_on for each in company.disputes]
    days += [each.decided_on for each in company.disputes if each.decided_on]
    days += [each.issued_on for each in company.credit_notes]
    days += [each.activated_on for each in company.orders]
    days += [each.on for each in company.touches]
    days += [each.on for each in company.health]
    days += [each.created_on for each in company.leads]
    days += [each.starts_on for each in company.trials]

    assert max(days) <= AS_OF


def test_keys_are_unique(company: Company) -> None:
    """Ids are made from keys: two facts with one key would be one record."""
    for each in fields(company):
        facts = getattr(company, each.name)
        if isinstance(facts, tuple) and facts and hasattr(facts[0], "key"):
            keys = [fact.key for fact in facts]
            assert len(set(keys)) == len(keys), each.name
    lines = [line.key for order in company.orders for line in order.lines]
    assert len(set(lines)) == len(lines)
