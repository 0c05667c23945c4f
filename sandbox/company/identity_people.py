"""Identity of people: how each system writes somebody who works at a customer.

As with companies, the truth stays in `Person`; what is written follows from the key
and the system's name alone, and without the feature `identity` it is the truth.
"""

import random
from dataclasses import dataclass

from sandbox.company.facts import Customer, Person
from sandbox.company.identity import SHARED_DOMAINS
from sandbox.company.identity_forms import folded, misspelt, phone_written
from sandbox.company.places import phone

# What people are called, for short or at length, who sign with another name.
CALLED = {
    "Anna": "Annie",
    "Ben": "Benjamin",
    "Daniel": "Dan",
    "Elena": "Lena",
    "Felix": "Lix",
    "Grace": "Gracie",
    "Irene": "Rena",
    "Ivan": "Vanya",
    "Julia": "Jules",
    "Leo": "Leonard",
    "Nadia": "Nadya",
    "Olga": "Olya",
    "Sami": "Samuel",
    "Tomas": "Tom",
    "Łukasz": "Lukas",
    "Çağla": "Cagla",
    "Zoë": "Zoey",
}
PHONE_PERCENT = 70


@dataclass(frozen=True, slots=True)
class WrittenPerson:
    """Somebody as one system has them."""

    first_name: str
    last_name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class PersonHand:
    """How people are written; in percent of them, one after another."""

    called: int  # by the short or the long form of the name, if there is one
    initial: int
    folds: int
    typo: int
    short_address: int  # of the same company, as jdoe@ for jane.doe@
    private_address: int
    no_email: int
    no_phone: int


# Invented rates: HubSpot knows people by what they typed into a form, Zendesk by what
# they wrote from; the CRM and billing have what the contract says.
PERSON_HANDS = {
    "salesforce": PersonHand(8, 3, 12, 2, 5, 2, 4, 40),
    "hubspot": PersonHand(14, 4, 15, 4, 7, 6, 0, 55),
    "zendesk": PersonHand(16, 6, 20, 3, 6, 8, 0, 100),
    "vitally": PersonHand(8, 2, 12, 2, 4, 2, 0, 100),
    "chargebee": PersonHand(6, 3, 10, 2, 0, 0, 100, 100),
}


def written_person(customer: Customer, person: Person, system: str) -> WrittenPerson:
    """Return the person as the system has it. KeyError: no such system."""
    hand = PERSON_HANDS[system]
    if not customer.varies:
        return WrittenPerson(person.first_name, person.last_name, person.email, None)
    rng = random.Random(f"{person.key}:identity:{system}")
    # All chances are drawn at once, so that one rate changes nothing but its own.
    chances = [rng.random() * 100 for _ in range(7)]
    called, fold, typo, short, private, no_email, no_phone = chances
    first, last = person.first_name, person.last_name
    if called < hand.called:
        first = CALLED.get(first, first)
    elif called > 100 - hand.initial:
        first = f"{first[0]}."
    if typo < hand.typo:
        last = misspelt(last, rng)
    if fold < hand.folds:
        first, last = folded(first), folded(last)
    email: str | None = person.email
    if no_email < hand.no_email:
        email = None
    elif short < hand.short_address:
        email = _short(person.email)
    elif private < hand.private_address:
        email = _private(customer, person)
    called_at = None if no_phone < hand.no_phone else _phone(customer, person, rng)
    return WrittenPerson(first, last, email, called_at)


def _short(email: str) -> str:
    """Return the address that another rule makes: the initial and the family name."""
    local, _, domain = email.partition("@")
    given, _, family = local.partition(".")
    return f"{given[:1]}{family}@{domain}"


def _private(customer: Customer, person: Person) -> str:
    """Return the person's own address, which is the same wherever it is known."""
    rng = random.Random(f"{person.key}:identity:private")
    local = person.email.partition("@")[0]
    return f"{local}.{customer.number}@{rng.choice(SHARED_DOMAINS)}"


def _phone(customer: Customer, person: Person, rng: random.Random) -> str | None:
    """Return the person's number as somebody writes it, if they gave one to anybody."""
    own = random.Random(f"{person.key}:identity:phone")
    if own.random() * 100 >= PHONE_PERCENT:
        return None
    return phone_written(phone(customer.country, own), rng)
