"""A load that fails or is killed half way is undone, or made good by the next."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.errors import SystemFault
from ingestion.raw.spool import Spool
from ingestion.transport.rest import Rest

ROOT = Path(__file__).parent.parent.parent


def test_a_load_that_fails_half_way_is_undone(place: Any, monkeypatch: Any) -> None:
    """Tables are committed one by one; a failure between two leaves neither."""
    place.load("salesforce")
    before = place.contents("salesforce")
    accounts = place.store.collection("salesforce", "account")
    contacts = place.store.collection("salesforce", "contact")
    for collection, field in ((accounts, "Name"), (contacts, "Email")):
        for record_id in collection.ids()[:3]:
            place.store.update(
                "salesforce",
                "account" if collection is accounts else "contact",
                record_id,
                {field: "changed@example.com"},
                actor="human",
                request_id="1",
            )
    torn = []

    def fails_after(_info: object) -> None:
        torn.append(place.contents("salesforce") != before)
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(
        "dlt.common.pipeline.LoadInfo.raise_on_failed_jobs", fails_after
    )
    with pytest.raises(SystemFault, match=r"salesforce: .*No space left.*as they were"):
        place.load("salesforce")
    monkeypatch.undo()

    assert torn == [True]
    assert place.contents("salesforce") == before
    assert place.load("salesforce")["salesforce", "accounts"].changed == 3


# Each statement that dlt sends is a moment to die at. With none, their number is told.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from ingestion.load import Place, load

sent = 0
execute = DuckDbSqlClient.execute_query

def execute_and_die(self, *args, **kwargs):
    global sent
    sent += 1
    if sent == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(self, *args, **kwargs)

DuckDbSqlClient.execute_query = execute_and_die
home = Path(sys.argv[1])
place = Place(home / "warehouse.duckdb", home, home / "operations.sqlite")
load(place, json.loads(sys.argv[2]), ["zendesk"]).insist()
print(sent)
"""
TABLES = {"organizations": "name", "users": "name", "tickets": "subject"}


def loading(place: Any, moment: int) -> subprocess.CompletedProcess[bytes]:
    """Load Zendesk in a process that dies before its nth statement."""
    script = [sys.executable, "-c", textwrap.dedent(KILLED)]
    return subprocess.run(
        [*script, str(place.home), json.dumps(dict(place.environ)), str(moment)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )


def killed(place: Any, moment: int) -> bool:
    """Tell whether the process died, and not because the load was over before."""
    done = loading(place, moment)
    assert done.returncode in {-signal.SIGKILL, 0}, done.stderr.decode()
    return done.returncode != 0


# A first load sends 10 statements, a load of changes at least 17.
@pytest.mark.parametrize("moment", [2, 4, 6, 7, 8, 9, 10])
def test_a_load_that_was_killed_is_made_good_by_the_next(
    place: Any, moment: int
) -> None:
    """Whatever had been committed, the next load ends where an undisturbed one does."""
    assert killed(place, moment)

    place.load("zendesk")

    for table in TABLES:
        held = place.store.collection("zendesk", table.removesuffix("s"))
        assert place.rows(
            f"select count(*), count(distinct id) from raw_zendesk.{table}"
        ) == [(len(held), len(held))]
    assert {one.changed for one in place.load("zendesk").values()} == {0}


@pytest.mark.parametrize("moment", [3, 10, 12, 13, 14, 15, 16, 17])
def test_changes_whose_load_was_killed_arrive_with_the_next(
    place: Any, moment: int
) -> None:
    """No row is lost between the deletion and the insertion of a merge, nor history."""
    place.load("zendesk")
    for table, field in TABLES.items():
        name = table.removesuffix("s")
        for record_id in place.store.collection("zendesk", name).ids()[:5]:
            place.store.update(
                "zendesk",
                name,
                record_id,
                {field: "corrected"},
                actor="human",
                request_id="1",
            )
    assert killed(place, moment)

    place.load("zendesk")

    for table, column in TABLES.items():
        held = place.store.collection("zendesk", table.removesuffix("s"))
        assert place.rows(
            f"select count(*), count(distinct id),"
            f" count(*) filter (where {column} = 'corrected')"
            f" from raw_zendesk.{table}"
        ) == [(len(held), len(held), 5)]
    assert place.rows(
        "select stream, count(*), count(distinct record_id) from raw_zendesk._history"
        " group by all order by all"
    ) == [(table, 5, 5) for table in sorted(TABLES)]


def test_a_load_that_was_killed_while_it_read_goes_on_at_the_next_page(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page that is kept is asked for again, and none is missing."""
    monkeypatch.setattr("ingestion.zendesk.PAGE", 5)
    asked: list[str] = []
    exchange, keep = Rest._exchange, Spool.keep

    def noted(self: Any, method: str, path: str, *args: Any) -> Any:
        asked.append(path)
        return exchange(self, method, path, *args)

    monkeypatch.setattr(Rest, "_exchange", noted)
    whole = {key: one.rows for key, one in place.load("zendesk").items()}
    calls = len(asked)
    place.warehouse.unlink()
    asked.clear()

    def dies_at_seven(self: Any, reading: str, walk: Any, parts: Any) -> bool:
        if len(asked) >= 7:
            raise KeyboardInterrupt  # after the answer, before it is kept
        return bool(keep(self, reading, walk, parts))

    monkeypatch.setattr(Spool, "keep", dies_at_seven)
    with pytest.raises(KeyboardInterrupt):
        place.load("zendesk")
    monkeypatch.setattr(Spool, "keep", keep)
    resumed = place.load("zendesk")

    assert {key: one.rows for key, one in resumed.items()} == whole
    # The pages whose answers were not kept: at most one of each walk.
    assert calls < len(asked) <= calls + len(TABLES)
