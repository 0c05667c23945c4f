"""Entities: what is resolved, each in the order in which one builds on another."""

from collections.abc import Mapping

from identity.entities.contacts import CONTACTS
from identity.entities.customers import CUSTOMERS
from identity.entities.entity import Entity
from identity.entities.products import PRODUCTS

ENTITIES: Mapping[str, Entity] = {
    each.name: each for each in (CUSTOMERS, CONTACTS, PRODUCTS)
}
