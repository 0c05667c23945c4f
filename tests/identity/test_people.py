"""Contacts: people as systems write them, each at one customer."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pytest

from identity.features import contacts as features
from identity.records import OutOfOrderError
from identity.resolution import AMBIGUOUS
from tests.identity.company import truth_of
from tests.identity.conftest import AS_OF, CUSTOMERS, MONTHS, SEED, Place
from tests.identity.test_run import couples


@pytest.fixture(scope="module")
def people() -> Mapping[str, str]:
    """Each record's person, as the company was drawn."""
    return truth_of("contacts", SEED, CUSTOMERS, MONTHS, AS_OF)


def of(**told: str) -> dict[str, Any]:
    """Return the features of one record."""
    names = ("name", "given_name", "family_name", "email", "phone")
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} varchar" for name in names)
        connection.execute(f"create table told ({columns})")
        connection.execute(
            "insert into told values (?, ?, ?, ?, ?)", [told.get(n) for n in names]
        )
        answer = connection.execute(features.select("told"))
        columns_of = [column[0] for column in answer.description]
        return dict(zip(columns_of, answer.fetchall()[0], strict=True))


@pytest.mark.parametrize(
    "told",
    [
        {"name": "Jürgen Núñez"},
        {"name": "NUNEZ, JUERGEN"},
        {"name": "Dr. Juergen Nuñez"},
        {"name": "Jürgen Núñez", "given_name": "Jürgen", "family_name": "Núñez"},
        {"name": "Núñez Jürgen"},
    ],
)
def test_a_name_is_its_words(told: dict[str, str]) -> None:
    """In any order, with or without accents, title and comma."""
    assert of(**told)["name_full"] == "juergen nunez"


@pytest.mark.parametrize(
    ("told", "given", "family"),
    [
        ({"name": "Bob Smith"}, "robert", "smith"),
        (
            {"name": "Mary Ann Lee", "given_name": "Mary Ann", "family_name": "Lee"},
            "maria",
            "lee",
        ),
        ({"name": "D'Arcy, Zoë"}, "zoe", "darcy"),
        (
            {"name": "Aoife Ó Súilleabháin", "family_name": "Ó Súilleabháin"},
            "aoife",
            "o suilleabhain",
        ),
        ({"name": "Jane Doe", "family_name": "Jane Doe"}, "jane", "doe"),
        ({"name": "Cher"}, "cher", None),
        ({"name": ""}, None, None),
    ],
)
def test_a_given_name_is_the_one_that_it_is_short_for(
    told: dict[str, str], given: str | None, family: str | None
) -> None:
    """Robert is called Bob; a family name is all that follows."""
    found = of(**told)

    assert (found["name_given"], found["name_family"]) == (given, family)


@pytest.mark.parametrize(
    ("email", "key", "short"),
    [
        (" Jane.Doe+news@Acme.example ", "jane.doe@acme.example", "jdoe@acme.example"),
        ("jdoe@acme.example", "jdoe@acme.example", "jdoe@acme.example"),
        ("info@acme.example", None, None),
        ("nobody", None, None),
        ("", None, None),
    ],
)
def test_an_address_is_somebody_s_or_nobody_s(
    email: str, key: str | None, short: str | None
) -> None:
    """Who reads info@ is no one person; two rules make two addresses of one name."""
    found = of(name="Jane Doe", email=email)

    assert (found["email_key"], found["email_short"]) == (key, short)


def test_every_person_s_record_is_resolved(
    resolved: Place, people: Mapping[str, str]
) -> None:
    """None is left out, and our own agents are not among them."""
    assert resolved.of("contacts").golden_ids().keys() == people.keys()


def test_who_is_who_is_right(resolved: Place, people: Mapping[str, str]) -> None:
    """Precision 0.995, recall 0.95 outside of the queue, at most 2 % in doubt."""
    golden_ids = resolved.of("contacts").golden_ids()
    found, right = couples(golden_ids), couples(people)
    rows = resolved.rows(
        "select left_golden_id, right_golden_id from identity.contact_review"
    )
    asked = {frozenset(row) for row in rows}
    missed = [
        couple
        for couple in right - found
        if frozenset(golden_ids[key] for key in couple) not in asked
    ]

    assert len(found & right) / len(found) >= 0.995
    assert len(found & right) / (len(found & right) + len(missed)) >= 0.95
    assert len(rows) <= len(set(people.values())) * 0.02


def test_without_references_people_are_still_told_apart(
    place: Place, people: Mapping[str, str]
) -> None:
    """Where HubSpot does not know Salesforce's ids, names and addresses remain."""
    place.execute(
        "update raw_hubspot.contacts"
        " set salesforcecontactid = null, salesforceleadid = null",
        "update raw_salesforce.leads set converted_contact_id = null",
    )
    contacts = place.of("contacts")

    contacts.run()

    found, right = couples(contacts.golden_ids()), couples(people)
    assert len(found & right) / len(found) >= 0.99
    assert len(found & right) / len(right) >= 0.85


def test_contacts_wait_for_their_customers(empty: Callable[[], Place]) -> None:
    """The sentence says what to do."""
    with pytest.raises(OutOfOrderError, match="concord identity run"):
        empty().of("contacts").run()


@pytest.fixture
def two(empty: Callable[[], Place]) -> Place:
    """Two customers, each with a contact of one name and address."""
    place = empty()
    person = "'Ann', 'Lee', 'ann.lee@lee.example', false"
    place.execute(
        "insert into raw_salesforce.accounts by name select"
        " unnest(['A', 'B']) as id, unnest(['Acme Inc.', 'Zeta GmbH']) as name,"
        " unnest(['https://acme.example', 'https://zeta.example']) as website,"
        " false as is_deleted, '' as _dlt_load_id, '' as _dlt_id, '{}' as record",
        "insert into raw_salesforce.contacts by name select id, id as account_id,"
        " first_name, last_name, email, is_deleted, '' as _dlt_load_id,"
        " '' as _dlt_id, '{}' as record from (values"
        f" ('A', {person}), ('B', {person}))"
        " as told (id, first_name, last_name, email, is_deleted)",
    )
    place.run()
    return place.of("contacts")


def test_one_address_at_two_customers_is_two_people(two: Place) -> None:
    """A contact is somebody at one customer: nothing is asked."""
    ran = two.run()

    assert (ran.golden, ran.questions) == (2, 0)


def test_whoever_may_be_either_is_asked_about(two: Place) -> None:
    """A lead of nobody's with the address of two contacts belongs to neither yet."""
    two.execute(
        "insert into raw_salesforce.leads by name select 'L' as id, 'Ann' as"
        " first_name, 'Lee' as last_name, 'ann.lee@lee.example' as email,"
        " false as is_deleted, '' as _dlt_load_id, '' as _dlt_id, '{}' as record"
    )

    ran = two.run()

    assert ran.golden == 3
    reasons = two.rows("select distinct reason from identity.contact_review")
    assert reasons == [(AMBIGUOUS,)]


def test_people_follow_customers_that_become_one(two: Place) -> None:
    """The same account entered twice has the same person twice, who is one."""
    two.run()
    two.execute(
        "update raw_salesforce.accounts set duplicate_of__c = 'A' where id = 'B'"
    )
    two.of("customers").run()

    ran = two.run()

    assert (ran.changed, ran.golden, ran.merged) == (1, 1, 1)
    assert two.run().changed == 0
