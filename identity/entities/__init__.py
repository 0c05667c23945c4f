"""Entities: what is resolved, each in the order in which one builds on another."""

from collections.abc import Mapping

from identity.entities.customers import CUSTOMERS
from identity.entities.entity import Entity

ENTITIES: Mapping[str, Entity] = {each.name: each for each in (CUSTOMERS,)}
