"""Guise: what the features say of a customer besides the plain facts."""

import random
from dataclasses import replace

from sandbox.company.cast import Part
from sandbox.company.entities import entity_of
from sandbox.company.facts import Customer
from sandbox.company.families import (
    BLOCK,
    NOBODY,
    Kin,
    is_namesake,
    kin_of,
)
from sandbox.company.features import stream
from sandbox.company.names import word
from sandbox.company.natives import native
from sandbox.company.places import address, phone

ADDRESSED = frozenset({"entities", "hierarchy", "identity"})
TRADE_NAMES = ("Group", "HQ", "Labs", "Direct")
TRADE_NAME_PERCENT, MOVED_PERCENT, PHONE_PERCENT = 12, 20, 85


def dressed(
    seed: int, customer: Customer, part: Part, features: frozenset[str]
) -> Customer:
    """Return the customer with everything that the features know of it."""
    number = customer.number
    if part.behaviour is not None:
        customer = replace(
            customer, segment=part.behaviour.name, industry=part.behaviour.industry
        )
    if "entities" in features:
        customer = replace(customer, entity=entity_of(seed, number, customer.currency))
    kin = kin_of(seed, number) if "hierarchy" in features else NOBODY
    if "identity" in features:
        customer = _varied(seed, customer)
    if kin is not NOBODY:
        customer = _related(seed, customer, kin)
    if features & ADDRESSED:
        customer = _placed(customer, stream(seed, "address", number))
    return customer


def _varied(seed: int, customer: Customer) -> Customer:
    number = customer.number
    rng = stream(seed, "identity", number)
    first, *rest = customer.legal_name.split()
    if is_namesake(seed, number):
        # Same first word as its neighbour, and nothing else in common.
        first = word(seed, number - 1)[0]
        customer = _at(customer, f"{first}-{rest[0]}.example".lower(), "")
        customer = replace(customer, legal_name=" ".join((first, *rest)))
    customer = native(customer, rng)
    chance, called = rng.random() * 100, rng.choice(TRADE_NAMES)
    if chance < TRADE_NAME_PERCENT:
        customer = replace(customer, trade_name=f"{first} {called}")
    return replace(customer, varies=True)


def _related(seed: int, customer: Customer, kin: Kin) -> Customer:
    parent = None if kin.parent is None else f"{seed}:{kin.parent}"
    customer = replace(customer, parent_key=parent, chain=kin.chain)
    if kin.trade_name is not None:
        customer = replace(customer, trade_name=kin.trade_name)
    if kin.domain is not None:
        # Two companies at one domain have no address in common but the one that
        # their group reads for all of them.
        customer = _at(customer, kin.domain, str(customer.number % BLOCK))
    return customer


def _at(customer: Customer, domain: str, tag: str) -> Customer:
    """Return the customer with its people and its billing at a domain."""
    people = tuple(
        replace(person, email=f"{person.email.partition('@')[0]}{tag}@{domain}")
        for person in customer.people
    )
    return replace(
        customer, domain=domain, billing_email=f"billing@{domain}", people=people
    )


def _placed(customer: Customer, rng: random.Random) -> Customer:
    here = address(customer.country, rng)
    before, moved = address(customer.country, rng), rng.random() * 100
    called = phone(customer.country, rng)
    has_phone = rng.random() * 100 < PHONE_PERCENT
    return replace(
        customer,
        address=here,
        former_address=before if moved < MOVED_PERCENT else None,
        phone=called if has_phone else None,
    )
