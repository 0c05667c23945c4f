"""Webhooks end to end, for the vendors besides Stripe: from an edit to its row.

A person changes a record at the vendor; the vendor tells the receiver, a process of its
own; the sensor asks for a run; the run reads that record and nothing else.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg
import duckdb
import pytest

from ingestion.load import Place, load
from operations.store import Store
from orchestration.defs.arrivals import arrived_events
from orchestration.defs.ingestion import ASSETS
from orchestration.defs.resources import Workplace
from orchestration.home import Home, open_home
from orchestration.hooks import register, subscribe
from orchestration.receiving import setting
from sandbox.clock import Clock
from sandbox.credentials import credentials
from sandbox.world import build_world
from tests.ingestion.receiving import Receiver
from tests.sandbox.doors import Doors, opened

VENDORS = ("hubspot", "zendesk", "chargebee", "business_central")
# A company of which each of the four has customers.
FEATURES = frozenset(("entities", "credit_notes", "payments", "lifecycle", "tiers"))
NEW = "Renamed Ünlü & Söhne"


@dataclass(frozen=True, slots=True)
class Case:
    """Where a customer stands at a vendor, and in the warehouse."""

    system: str
    object: str
    field: str
    table: str
    column: str
    filled: frozenset[str]  # the tables that one such record fills


CASES = (
    Case(
        *("hubspot", "companies", "properties.name", "companies", "name"),
        frozenset({"companies"}),
    ),
    Case(
        *("zendesk", "organization", "name", "organizations", "name"),
        frozenset({"organizations"}),
    ),
    Case(
        *("chargebee", "customer", "company", "customers", "company"),
        frozenset({"customers"}),
    ),
    Case(
        *("business_central", "customers", "displayName", "customers", "display_name"),
        frozenset({"customers"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Town:
    """The four vendors, everything of theirs loaded, and the receiver they tell."""

    doors: Doors
    home: Home
    receiver: Receiver

    def pending(self, system: str) -> int:
        """Count the events of a system that wait."""
        with Store(self.home.operations) as store:
            ((number,),) = store.rows(
                "select count(*) from events where system = ? and done_at is null",
                [system],
            )
        return int(number)

    def wait_for_events(self, system: str) -> None:
        """Wait until the system has told us something."""
        deadline = time.monotonic() + 20
        while not self.pending(system) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.pending(system), self.receiver.health()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query to the warehouse."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Tell the vendors where we are, as `concord dev` does, and load everything."""
    folder = tmp_path_factory.mktemp("town")
    world = build_world(7, 25, 6, date(2026, 10, 31), features=FEATURES)
    receiver = Receiver(folder)
    with (
        opened(world, credentials(7), Clock(), only=VENDORS) as doors,
        pytest.MonkeyPatch.context() as patch,
    ):
        doors.control(
            "conditions",
            {
                "business_central": {"coalesce_seconds": 0.05},
                "chargebee": {"requests_per_minute": 3500},
            },
        )
        known = {n: v for n, v in doors.environment.items() if not _is_others(n)}
        for name, value in known.items():
            patch.setenv(name, value)
        patch.setenv("CONCORD_ENV", "test")
        patch.setenv("CONCORD_HOME", str(folder))
        told = register(known, receiver.url)
        receiver.start(told)
        try:
            subscribe(known, receiver.url, told[setting("business_central")])
            home = open_home()
            place = Place(home.warehouse, home.folder, home.operations)
            load(place, known, VENDORS).insist()
            yield Town(doors, home, receiver)
        finally:
            receiver.end()


def _is_others(name: str) -> bool:
    return name.startswith(("SALESFORCE", "STRIPE", "NETSUITE", "VITALLY"))


def asked(instance: dg.DagsterInstance) -> dg.RunRequest:
    """Evaluate the sensor once; it must ask for a run."""
    context = dg.build_sensor_context(
        instance=instance, resources={"workplace": Workplace()}
    )
    (answer,) = list(arrived_events(context))  # type: ignore[arg-type]
    assert isinstance(answer, dg.RunRequest)
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.system)
def test_an_edit_at_the_vendor_is_a_row_after_one_signed_message(
    town: Town, case: Case
) -> None:
    """Only the record that was edited is read, and its events are done afterwards."""
    record_id = town.doors.store.collection(case.system, case.object).ids()[0]
    edit = {"system": case.system, "object": case.object, "id": record_id}
    town.doors.control("edit", {**edit, "fields": {case.field: NEW}})
    town.wait_for_events(case.system)

    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance)
        raw = [key for key in request.asset_selection or () if len(key.path) == 2]
        chosen = [key for key in raw if key.path[0] == f"raw_{case.system}"]
        (step,) = [each for each in ASSETS if each.op.name == f"raw_{case.system}"]
        result = dg.materialize(
            [step],
            instance=instance,
            selection=chosen,
            run_config=request.run_config,
            resources={"workplace": Workplace()},
        )

    (loaded,) = [
        each
        for each in result.asset_materializations_for_node(f"raw_{case.system}")
        if each.asset_key.path[-1] == case.table
    ]
    assert result.success
    assert {key.path[0] for key in raw if key.path[0].startswith("raw_")} == {
        f"raw_{case.system}"
    }
    assert case.filled <= {key.path[-1] for key in chosen}
    assert (loaded.metadata["read"].value, loaded.metadata["changed"].value) == (1, 1)
    assert town.rows(
        f"select id from raw_{case.system}.{case.table} where {case.column} = '{NEW}'"
    ) == [(record_id,)]
    assert town.pending(case.system) == 0
    assert town.receiver.health()["refused"] == {}
