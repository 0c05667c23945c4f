"""The invented company in a warehouse, and who is who in it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from ingestion.load import Place, Wanted, load
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import credentials
from sandbox.server import application, running
from sandbox.store import Store
from sandbox.world import World, build_world

FEATURES = frozenset(
    {"identity", "hierarchy", "entities", "health", "marketing", "segments"}
)
STREAMS = {
    "salesforce": {"accounts", "contacts", "leads", "products"},
    "hubspot": {"companies", "contacts", "products"},
    "stripe": {"customers", "products"},
    "chargebee": {"customers", "items"},
    "zendesk": {"organizations", "users"},
    "netsuite": {"customers", "items"},
    "business_central": {"customers", "items"},
    "vitally": {"accounts", "users"},
}
# What the house calls a system's record, where it is not the vendor's own word.
OBJECTS = {
    "customers": {
        "Account": "account",
        "accounts": "account",
        "companies": "company",
        "customers": "customer",
    },
    "contacts": {
        "Contact": "contact",
        "Lead": "lead",
        "contacts": "contact",
        "customer": "contact",
        "users": "user",
    },
    "products": {"Product2": "product", "products": "product", "items": "item"},
}


@lru_cache(maxsize=1)
def drawn(seed: int, customers: int, months: int, as_of: date) -> World:
    """Return the company and its documents, without a mistake."""
    return build_world(
        seed, customers, months, as_of, features=FEATURES, disorder=False
    )


def filled(folder: Path, seed: int, customers: int, months: int, as_of: date) -> Path:
    """Load the systems' records of all that is resolved, and return the warehouse."""
    warehouse = folder / "warehouse.duckdb"
    now = datetime(as_of.year, as_of.month, as_of.day, 23, tzinfo=UTC)
    store = Store({}, Clock(now))
    enter(store, drawn(seed, customers, months, as_of))
    place = Place(warehouse, folder, folder / "loads.sqlite")
    with running(application(store, credentials(seed)), folder) as served:
        for system, streams in STREAMS.items():
            wanted = Wanted(streams=frozenset(streams))
            load(place, served.environment, [system], wanted).insist()
    return warehouse


def truth_of(
    entity: str, seed: int, customers: int, months: int, as_of: date
) -> Mapping[str, str]:
    """Return whose each record is, by our key of the record."""
    names = OBJECTS[entity]
    return {
        f"{each['system']}:{names.get(each['object'], each['object'])}:{each['id']}": (
            whose["id"]
        )
        for whose in drawn(seed, customers, months, as_of).identities()[entity]
        for each in whose["records"]
    }
