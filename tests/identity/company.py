"""The invented company in a warehouse, and who is who in it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.load import Place, Wanted, load
from sandbox.clock import Clock
from sandbox.company.company import Company, build
from sandbox.control import enter
from sandbox.credentials import credentials
from sandbox.documents import identity_truth
from sandbox.server import application, running
from sandbox.store import Store
from sandbox.world import build_world

FEATURES = frozenset(
    {"identity", "hierarchy", "entities", "health", "marketing", "segments"}
)
STREAMS = {
    "salesforce": "accounts",
    "hubspot": "companies",
    "stripe": "customers",
    "chargebee": "customers",
    "zendesk": "organizations",
    "netsuite": "customers",
    "business_central": "customers",
    "vitally": "accounts",
}
# What the house calls a system's record of a customer.
OBJECTS = {
    "salesforce": "account",
    "hubspot": "company",
    "stripe": "customer",
    "chargebee": "customer",
    "zendesk": "organization",
    "netsuite": "customer",
    "business_central": "customer",
    "vitally": "account",
}


def filled(folder: Path, seed: int, customers: int, months: int, as_of: date) -> Path:
    """Load the systems' records of customers, and return the warehouse."""
    warehouse = folder / "warehouse.duckdb"
    world = build_world(
        seed, customers, months, as_of, features=FEATURES, disorder=False
    )
    now = datetime(as_of.year, as_of.month, as_of.day, 23, tzinfo=UTC)
    store = Store({}, Clock(now))
    enter(store, world)
    place = Place(warehouse, folder, folder / "loads.sqlite")
    with running(application(store, credentials(seed)), folder) as served:
        for system, stream in STREAMS.items():
            wanted = Wanted(streams=frozenset({stream}))
            load(place, served.environment, [system], wanted).insist()
    return warehouse


def truth_of(seed: int, customers: int, months: int, as_of: date) -> Mapping[str, str]:
    """Return each record's customer, by our key of the record."""
    return dict(_keys(build(seed, customers, months, as_of, FEATURES)))


def _keys(company: Company) -> Iterator[tuple[str, str]]:
    for each in identity_truth(company):
        name = OBJECTS[each.system]
        yield f"{each.system}:{name}:{each.id}", each.customer_key
