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

from ingestion import salesforce
from ingestion.errors import SystemFault

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


# dlt sends 32 statements for a first load of Salesforce: tables, staging, the merges
# from the 22nd on, and at the end the row that says that the load is complete.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from ingestion.load import load

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
load(home / "warehouse.duckdb", home, json.loads(sys.argv[2]), ["salesforce"])
"""


def killed(place: Any, moment: int) -> None:
    """Load Salesforce in a process that dies before its nth statement."""
    script = [sys.executable, "-c", textwrap.dedent(KILLED)]
    done = subprocess.run(
        [*script, str(place.home), json.dumps(dict(place.environ)), str(moment)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("moment", [7, 15, 23, 26, 29, 32])
def test_a_load_that_was_killed_is_made_good_by_the_next(
    place: Any, moment: int
) -> None:
    """Whatever had been committed, the next load ends where an undisturbed one does."""
    killed(place, moment)

    place.load("salesforce")

    for stream in salesforce.STREAMS:
        held = place.store.collection("salesforce", stream.object)
        assert place.rows(
            f"select count(*), count(distinct id) from raw_salesforce.{stream.name}"
        ) == [(len(held), len(held))]
    assert place.load("salesforce")["salesforce", "accounts"].changed == 0


# A load of two changed tables sends 17 statements; the merges are 14 to 16.
@pytest.mark.parametrize("moment", [13, 14, 15, 16, 17])
def test_changes_whose_load_was_killed_arrive_with_the_next(
    place: Any, moment: int
) -> None:
    """No row is lost between the deletion and the insertion of a merge."""
    place.load("salesforce")
    for name, field in (("account", "Name"), ("contact", "Email")):
        for record_id in place.store.collection("salesforce", name).ids()[:5]:
            place.store.update(
                "salesforce",
                name,
                record_id,
                {field: "corrected"},
                actor="human",
                request_id="1",
            )
    killed(place, moment)

    place.load("salesforce")

    for table, column in (("accounts", "name"), ("contacts", "email")):
        held = place.store.collection("salesforce", table.removesuffix("s"))
        assert place.rows(
            f"select count(*), count(distinct id),"
            f" count(*) filter (where {column} = 'corrected')"
            f" from raw_salesforce.{table}"
        ) == [(len(held), len(held), 5)]
