"""A process may die at any moment: the next one goes on, and asks for nothing twice."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ingestion.raw.spool import Spool
from tests.conformance.account import Account

ROOT = Path(__file__).parent.parent.parent
MANY = 200  # processes that may die of one walk


def test_a_walk_that_dies_at_every_page_asks_for_none_twice(
    account: Account, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    """Killed behind each of its pages, it ends like one that was never disturbed."""
    source = account.source
    for number in range(source.crowd):
        account.store.keep(source.name, source.object, account.copy(number + 1))
    source.small(monkeypatch, source.page)
    wanted = account.wanted(is_full=True)
    keep = Spool.keep

    def dies_behind(self: Spool, *page: Any) -> bool:
        assert keep(self, *page)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Spool, "keep", dies_behind)
        asked: list[str] = []
        deaths = 0
        while deaths < MANY:
            try:
                outcome = account.outcome(wanted)
                break
            except KeyboardInterrupt:
                deaths += 1
                asked += [call.asks for call in account.calls()]

    record_property("measured", {"pages at which it died": deaths})
    assert outcome.faults == ()
    assert account.calls() == [] or source.is_again
    assert deaths > 1 or source.is_whole_seconds
    again = {
        asks
        for asks, times in Counter(asked).items()
        if times > 1 and not (source.is_again and re.search(source.is_again, asks))
    }
    assert again == set()
    [loaded] = [one for one in outcome.loaded if one.stream == source.stream]
    held = len(account.ids())
    assert (loaded.read - loaded.duplicates, loaded.rows) == (held, held)


def test_a_page_whose_answer_was_not_kept_is_asked_for_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the answer and the spool, the next process loses nothing."""
    record_id = account.ids()[0]
    account.edit(record_id, "Seen after all")

    def dies_before(*_page: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Spool, "keep", dies_before)
        with pytest.raises(KeyboardInterrupt):
            account.outcome(account.wanted())

    account.load_stream()

    assert account.text(record_id) == "Seen after all"


# The process dies before its nth statement to the warehouse, in the midst of a merge.
_KILLED = """
import json, os, signal, sys
from pathlib import Path
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from ingestion.load import Place, load

sent = 0
execute = DuckDbSqlClient.execute_query

def execute_and_die(self, *args, **kwargs):
    global sent
    sent += 1
    if sent == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(self, *args, **kwargs)

DuckDbSqlClient.execute_query = execute_and_die
home = Path(sys.argv[1])
place = Place(home / "warehouse.duckdb", home, home / "operations.sqlite")
load(place, json.loads(sys.argv[2]), [sys.argv[3]]).insist()
"""
_STATEMENT = 14  # of about 17: tables have been committed, others not


def test_a_load_that_was_killed_is_made_good_by_the_next(account: Account) -> None:
    """A SIGKILL in the midst of a merge leaves no half of it."""
    ids = account.ids()
    for number, record_id in enumerate(ids):
        account.edit(record_id, f"Renamed {number}")
    arguments = [
        str(account.home),
        json.dumps(dict(account.environ)),
        account.source.name,
        str(_STATEMENT),
    ]
    account.let_go()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    account.load()

    source = account.source
    assert dict(account.rows(f"select id, {source.column} from {account.table()}")) == {
        record_id: f"Renamed {number}" for number, record_id in enumerate(ids)
    }
    assert account.rows(
        "select count(*), count(distinct record_id) from"
        f" raw_{source.name}._history where stream = '{source.stream}'"
    ) == [(len(ids), len(ids))]
