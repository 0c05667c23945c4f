"""Who is who: one truth, written by every system in its own way."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES, stream
from sandbox.company.identity import HANDS, SHARED_DOMAINS, WrittenIdentity, written
from sandbox.company.identity_forms import folded, other_form, split_form, without_form
from sandbox.company.identity_people import CALLED, PERSON_HANDS, written_person
from sandbox.documents import identity_truth
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with all features."""
    return build(7, 800, 12, AS_OF, ALL_FEATURES)


@pytest.fixture(scope="module")
def world() -> World:
    """A smaller one with its documents, and no mistake planted."""
    return build_world(7, 120, 12, AS_OF, features=ALL_FEATURES, disorder=False)


def test_without_the_feature_every_system_writes_the_truth() -> None:
    """The plain company's names, domains and numbers are the same everywhere."""
    plain = build(7, 40, 12, AS_OF).customers

    for customer in plain:
        truth = WrittenIdentity(
            customer.legal_name,
            None,
            customer.domain,
            customer.tax_id,
            customer.billing_email,
            None,
        )
        assert {written(customer, system) for system in HANDS} == {truth}


def test_what_a_system_writes_never_changes(company: Company) -> None:
    """A record read twice is the same record twice."""
    first = [written(each, "salesforce") for each in company.customers]

    assert first == [written(each, "salesforce") for each in company.customers]


@pytest.mark.parametrize(
    ("system", "least", "most"), [("netsuite", 45, 90), ("zendesk", 10, 55)]
)
def test_the_erp_is_more_exact_than_the_support_desk(
    company: Company, system: str, least: int, most: int
) -> None:
    """Accountants copy the papers, people who write mails do not."""
    exact = sum(
        written(each, system).name == each.legal_name for each in company.customers
    )

    assert least <= exact * 100 // len(company.customers) <= most


def test_every_kind_of_variation_occurs(company: Company) -> None:
    """Forms, capitals, dropped accents, trade names, old offices, shared mail."""
    seen: Counter[str] = Counter()
    for customer in company.customers:
        for system in HANDS:
            told = written(customer, system)
            stem, form = split_form(customer.legal_name)
            seen["no form"] += told.name == stem and bool(form)
            seen["capitals"] += told.name.isupper()
            seen["trade name"] += told.name == customer.trade_name
            seen["moved"] += (
                told.address is not None and told.address == customer.former_address
            )
            seen["provider"] += told.domain in SHARED_DOMAINS
            seen["no tax id"] += customer.tax_id is not None and told.tax_id is None
            seen["other tax id"] += told.tax_id not in (None, customer.tax_id)
            seen["no phone"] += customer.phone is not None and told.phone is None
            seen["folded"] += (
                told.name == folded(customer.legal_name) != customer.legal_name
            )

    assert all(count > 10 for count in seen.values()), seen
    assert len(seen) == 9


def test_people_are_written_in_several_ways_too(company: Company) -> None:
    """By another name, an initial, in plain letters, from another address."""
    seen: Counter[str] = Counter()
    for customer in company.customers:
        for person in customer.people:
            for system in PERSON_HANDS:
                told = written_person(customer, person, system)
                given = told.first_name
                seen["called"] += given == CALLED.get(person.first_name)
                seen["initial"] += given == f"{person.first_name[0]}."
                seen["folded"] += (
                    given == folded(person.first_name) != person.first_name
                )
                seen["misspelt"] += folded(told.last_name) != folded(person.last_name)
                seen["no email"] += told.email is None
                seen["other email"] += told.email not in (None, person.email)
                seen["private"] += (told.email or "").endswith(SHARED_DOMAINS)
                seen["phone"] += told.phone is not None

    assert all(count > 10 for count in seen.values()), seen


@pytest.mark.parametrize("system", PERSON_HANDS)
def test_no_system_has_one_address_twice(company: Company, system: str) -> None:
    """An address is how HubSpot and Zendesk tell people."""
    mails = [
        written_person(customer, person, system).email
        for customer in (*company.customers, *company.prospects)
        for person in customer.people
    ]
    told = [mail for mail in mails if mail is not None]

    assert len(set(told)) == len(told)


def test_names_of_several_scripts_occur(company: Company) -> None:
    """Latin letters with accents, and letters that are not Latin at all."""
    names = [each.legal_name for each in company.customers]
    people = [each.last_name for one in company.customers for each in one.people]

    assert 0.05 < sum(not name.isascii() for name in names) / len(names) < 0.4
    assert any("株式会社" in name for name in names)
    assert any("ü" in name or "ö" in name for name in names)
    assert any(not name.isascii() for name in people)
    assert all(p.email.isascii() for one in company.customers for p in one.people)


def test_forms_are_told_from_names() -> None:
    """Dropping a legal form leaves the name that people say."""
    customer = replace(
        build(7, 20, 6, AS_OF).customers[0], legal_name="Nordö Säfte GmbH"
    )

    assert without_form(customer.legal_name) == "Nordö Säfte"
    assert folded(customer.legal_name) == "Nordoe Saefte GmbH"
    assert folded("北光電機 株式会社") == "北光電機 株式会社"
    assert without_form("Acme") == "Acme"
    assert other_form("Acme", stream(1, "identity", 0)) == "Acme"


def test_families_have_two_and_three_levels(company: Company) -> None:
    """Parents exist, nobody is its own ancestor, and grandchildren occur."""
    everybody = company.customer_by_key
    depths: Counter[int] = Counter()
    for customer in company.customers:
        depth, above = 0, customer.parent_key
        while above is not None:
            depth, above = depth + 1, everybody[above].parent_key
            assert depth < 4
        depths[depth] += 1

    assert set(depths) == {0, 1, 2}


def test_a_chain_has_one_name_and_many_owners(company: Company) -> None:
    """Franchise members share the trade name, and neither owner nor tax id."""
    chains = defaultdict(list)
    for customer in company.customers:
        if customer.chain is not None:
            chains[customer.chain].append(customer)

    assert len(chains) > 3
    for members in chains.values():
        assert len(members) > 1
        assert len({each.trade_name for each in members}) == 1
        assert len({each.legal_name for each in members}) == len(members)
        assert all(each.parent_key is None for each in members)


def test_no_two_people_have_one_address(company: Company) -> None:
    """Companies at one domain still have people of their own."""
    everybody = (*company.customers, *company.prospects)
    mails = [person.email for each in everybody for person in each.people]

    assert len(set(mails)) == len(mails)


def test_hard_negatives_are_pairs_of_different_customers(company: Company) -> None:
    """Every reason occurs, no pair twice, and both exist."""
    pairs = company.hard_negatives()
    whys = Counter(pair.why for pair in pairs)

    assert set(whys) == {"chain", "shared_domain", "same_name", "group"}
    assert len({frozenset((each.left, each.right)) for each in pairs}) == len(pairs)
    assert all(each.left != each.right for each in pairs)
    assert all(
        {each.left, each.right} <= company.customer_by_key.keys() for each in pairs
    )


def test_the_truth_names_the_owner_of_every_record(world: World) -> None:
    """Every account, customer and organization in a system is somebody's, and known."""
    told: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for each in identity_truth(world.company):
        told[each.system, each.object][each.id] = each.customer_key

    assert {system for system, _ in told} == set(world.documents)
    for (system, name), owners in told.items():
        assert owners.keys() == world.tables(system)[name].keys()
        assert set(owners.values()) <= world.company.customer_by_key.keys()


def test_systems_disagree_about_one_customer(world: World) -> None:
    """Joined by the truth, most customers have more than one name."""
    names = defaultdict(set)
    field = {"salesforce": "Name", "stripe": "name", "zendesk": "name"}
    for each in identity_truth(world.company):
        if each.system in field:
            record = world.tables(each.system)[each.object][each.id]
            names[each.customer_key].add(record[field[each.system]])

    several = sum(len(group) > 1 for group in names.values())
    assert several / len(names) > 0.5
