"""A load loses nothing, alters nothing, and happens as a whole or not at all."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import salesforce
from ingestion.errors import SystemFault
from ingestion.load import Place, load
from ingestion.raw import warehouse as raw
from ingestion.systems import SYSTEMS

ROOT = Path(__file__).parent.parent.parent


def test_a_second_load_changes_nothing(place: Any) -> None:
    """What is read again and is as it was is not written again."""
    place.load()
    before = {one.name: place.contents(one.name) for one in SYSTEMS}

    again = place.load()

    assert {one.changed for one in again.values()} == {0}
    assert {one.deleted for one in again.values()} == {0}
    assert {one.load_id for one in again.values()} == {None}
    assert {one.name: place.contents(one.name) for one in SYSTEMS} == before


@pytest.mark.parametrize(
    ("system", "name", "table", "field"),
    [
        ("salesforce", "account", "accounts", "Name"),
        ("stripe", "customer", "customers", "name"),
        ("zendesk", "organization", "organizations", "name"),
        ("netsuite", "customer", "customers", "companyname"),
    ],
)
def test_a_changed_record_arrives_with_the_next_load(
    place: Any, system: str, name: str, table: str, field: str
) -> None:
    """A colleague's edit is seen, and it is the only row that is written."""
    place.load(system)
    record_id = place.any_id(system, name)
    place.store.update(
        system,
        name,
        record_id,
        {field: "Corrected Inc."},
        actor="human",
        request_id="1",
    )

    again = place.load(system)

    changed = {key: one.changed for key, one in again.items() if one.changed}
    assert changed == {(system, table): 1}
    assert place.rows(
        f'select id from raw_{system}.{table} where "{field}" = $$Corrected Inc.$$'
    ) == [(record_id,)]


@pytest.mark.parametrize(
    ("system", "name", "field", "table"),
    [
        ("salesforce", "account", "Name", "accounts"),
        ("netsuite", "customer", "companyname", "customers"),
        ("zendesk", "organization", "name", "organizations"),
    ],
)
def test_a_change_stamped_before_the_last_reading_and_committed_after_arrives(
    place: Any, system: str, name: str, field: str, table: str
) -> None:
    """The next reading overlaps the last, or begins where the vendor says it is safe.

    Another change, stamped later and committed at once, moves the cursor beyond it.
    """
    place.load(system)
    late, early = place.store.collection(system, name).ids()[:2]
    human = {"actor": "human", "request_id": "1"}
    place.store.commit_late(system, name, late, {field: "Late Inc."}, 300.0, **human)
    place.clock.advance(60)
    place.store.update(system, name, early, {field: "Early Inc."}, **human)
    place.clock.advance(120)
    place.load(system)
    found = f"select id from raw_{system}.{table} where {field} = 'Late Inc.'"
    assert place.rows(found) == []
    place.clock.advance(300)

    place.load(system)

    assert place.rows(found) == [(late,)]


def test_a_stamp_in_the_future_hides_no_later_change(place: Any) -> None:
    """One record with a wrong clock does not blind us to all others."""
    accounts = place.store.collection("salesforce", "account")
    early, late = accounts.ids()[:2]
    ahead = {**accounts.get(early), "SystemModstamp": "2099-01-01T00:00:00Z"}
    place.store.keep("salesforce", "account", ahead)
    place.load("salesforce")
    place.store.update(
        "salesforce",
        "account",
        late,
        {"Name": "Seen Inc."},
        actor="human",
        request_id="1",
    )

    place.load("salesforce")

    assert place.rows(
        "select id from raw_salesforce.accounts where name = 'Seen Inc.'"
    ) == [(late,)]


RETYPED = [
    ("salesforce", "opportunity", "Amount", "opportunities"),
    ("stripe", "invoice", "total", "invoices"),
    ("netsuite", "invoice", "foreigntotal", "invoices"),
    ("zendesk", "ticket", "subject", "tickets"),
]


@pytest.mark.parametrize(("system", "name", "field", "table"), RETYPED)
def test_one_retyped_value_is_set_aside_and_everything_else_is_loaded(
    place: Any, system: str, name: str, field: str, table: str
) -> None:
    """It names its record and keeps all of it; its older row stays as it was."""
    before = place.load(system, "salesforce")[system, table]
    record_id = place.any_id(system, name)
    good = place.store.collection(system, name).get(record_id)
    _spoil(place, system, name, record_id, field)
    _spoil_nothing(place, "salesforce", "account")

    loaded = place.load(system, "salesforce")

    one = loaded[system, table]
    assert (one.quarantined, one.rows) == (1, before.rows)
    assert one.read == one.duplicates + one.quarantined + (one.read - 1)
    assert loaded["salesforce", "accounts"].changed == 1
    [letter] = place.quarantined()
    assert (letter.system, letter.record_id, letter.field) == (system, record_id, field)
    assert record_id in letter.document

    place.store.keep(system, name, good)
    _touch(place, system, name, record_id)
    place.load(system)

    assert place.quarantined() == []


@pytest.mark.parametrize(("system", "name", "field", "table"), RETYPED)
def test_a_field_that_was_retyped_everywhere_ends_its_walk_and_nothing_else(
    place: Any, system: str, name: str, field: str, table: str
) -> None:
    """Thousands in quarantine would be a table that stands still in silence."""
    for record_id in place.store.collection(system, name).ids():
        _spoil(place, system, name, record_id, field)

    outcome = place.outcome(system)

    [fault] = outcome.faults
    assert (fault.system, fault.field) == (system, field)
    assert "do not fit here" in str(fault)
    loaded = {one.stream for one in outcome.loaded}
    assert table not in loaded
    assert len(loaded) >= 2
    assert place.rows(f"select count(*) from raw_{system}.{table}") == [(0,)]
    assert place.quarantined() == []


def _spoil(place: Any, system: str, name: str, record_id: str, field: str) -> None:
    wrong = {"text": "a lot"} if system == "zendesk" else "a lot"
    if system == "netsuite":  # its own query language calculates with the value
        wrong = "1e-12"
    place.store.update(
        system, name, record_id, {field: wrong}, actor="human", request_id="1"
    )


def _spoil_nothing(place: Any, system: str, name: str) -> None:
    place.store.update(
        system,
        name,
        place.any_id(system, name),
        {"Name": "Other"},
        actor="human",
        request_id="2",
    )


def _touch(place: Any, system: str, name: str, record_id: str) -> None:
    """Let the vendor say that the record changed."""
    place.store.update(system, name, record_id, {}, actor="human", request_id="3")


def test_nothing_holds_the_warehouse_after_a_load(place: Any) -> None:
    """The models are built on the same file, in this process or another."""
    place.load("zendesk")

    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_warehouse_that_another_process_holds_is_named(place: Any) -> None:
    """The sentence says which file, and to wait."""
    place.load("zendesk")
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(place.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        with pytest.raises(SystemFault, match=r"cannot be opened.*wait until"):
            place.load("zendesk")

        holder.communicate()


def test_tables_of_systems_that_are_not_connected_are_empty_and_typed(
    tmp_path: Path,
) -> None:
    """Every model builds on the first day, whatever is connected."""
    path = tmp_path / "new" / "warehouse.duckdb"

    assert load(Place(path, tmp_path, tmp_path / "ops.sqlite"), {}).loaded == ()

    with duckdb.connect(str(path)) as connection:
        for one in SYSTEMS:
            for stream in one.streams:
                table = connection.execute(
                    f"select * from {one.schema}.{stream.name}"
                ).to_arrow_table()
                assert table.num_rows == 0
                assert table.column_names == [
                    *stream.schema.names,
                    "_dlt_load_id",
                    "_dlt_id",
                ]


def test_a_table_created_empty_takes_a_later_load(place: Any) -> None:
    """An empty table is as a load would have made it itself."""
    load(place.workplace, {})
    before = place.rows(
        "select column_name, data_type, is_nullable from"
        " information_schema.columns where table_schema ="
        " 'raw_zendesk' and table_name = 'tickets' order by 1"
    )

    loaded = place.load("zendesk")

    after = place.rows(
        "select column_name, data_type, is_nullable from"
        " information_schema.columns where table_schema ="
        " 'raw_zendesk' and table_name = 'tickets' order by 1"
    )
    assert loaded["zendesk", "tickets"].rows > 0
    assert after == before


def test_a_column_that_is_new_to_us_is_filled_for_every_record(place: Any) -> None:
    """A table that grew is read from the start, though no record changed."""
    place.load("salesforce")
    place.rows("alter table raw_salesforce.accounts drop column website")
    place.rows(
        "update raw_salesforce._cursors set columns = replace(columns, 'website,', '')"
    )

    again = place.load("salesforce")

    accounts = again["salesforce", "accounts"]
    assert accounts.read == accounts.rows
    assert place.rows(
        "select count(*) from raw_salesforce.accounts where website is null"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ("stripe", "ingestion.stripe.lists.PAGE"),
        ("zendesk", "ingestion.zendesk.PAGE"),
        ("netsuite", "ingestion.netsuite.reading.PAGE"),
    ],
)
def test_small_pages_lose_nothing_where_stamps_are_equal(
    place: Any, monkeypatch: Any, system: str, name: str
) -> None:
    """Records of one second lie on both sides of many page borders."""
    for kind in place.store.objects(system):
        documents = list(place.store.collection(system, kind))
        for document in documents:
            same = {
                field: documents[0][field]
                for field in ("SystemModstamp", "updated_at", "lastmodifieddate")
                if field in document
            }
            place.store.keep(system, kind, {**document, **same})
    whole = place.load(system)
    place.warehouse.unlink()
    monkeypatch.setattr(name, 3)

    paged = place.load(system)

    assert {key: one.rows for key, one in paged.items()} == {
        key: one.rows for key, one in whole.items()
    }
    assert sum(one.rows for one in paged.values()) > 0


def test_seventeen_digits_reach_the_warehouse(place: Any) -> None:
    """The amount in the table is the amount on the wire, digit by digit."""
    record_id = place.any_id("salesforce", "opportunity")
    exact = Decimal("90071992547409.93")
    place.store.update(
        "salesforce",
        "opportunity",
        record_id,
        {"Amount": exact},
        actor="human",
        request_id="1",
    )

    place.load("salesforce")

    [(amount, record)] = place.rows(
        "select amount, record from raw_salesforce.opportunities"
        f" where id = '{record_id}'"
    )
    assert amount == exact
    assert '"Amount":90071992547409.93' in record


def test_dlt_takes_the_files_as_they_are(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rewrites none to add its columns: each row has its load and its own number."""

    def rewrites(*_asked: object) -> None:
        raise AssertionError

    normalizer = "dlt.normalize.items_normalizers.arrow.ArrowItemsNormalizer"
    monkeypatch.setattr(f"{normalizer}._write_with_dlt_columns", rewrites)
    first = place.load("zendesk")["zendesk", "users"].load_id
    user = place.any_id("zendesk", "user")
    place.store.update(
        "zendesk", "user", user, {"name": "Anew"}, actor="human", request_id="1"
    )

    second = place.load("zendesk")["zendesk", "users"].load_id

    loads = place.rows(
        "select _dlt_load_id, count(*), count(distinct _dlt_id)"
        " from raw_zendesk.users group by _dlt_load_id order by 1"
    )
    users = len(place.store.collection("zendesk", "user"))
    assert loads == [(first, users - 1, users - 1), (second, 1, 1)]


def test_only_names_systems_that_exist(tmp_path: Path) -> None:
    """A misspelt system is an error, not an empty load."""
    with pytest.raises(KeyError, match="salesfroce"):
        load(Place(tmp_path / "w.duckdb", tmp_path, tmp_path / "o"), {}, ["salesfroce"])


def test_a_position_counts_only_with_a_completed_load(place: Any) -> None:
    """A position may be committed before the rows it stands for."""
    place.load("salesforce")
    salesforce_system = next(one for one in SYSTEMS if one.name == "salesforce")
    with raw.opened(place.warehouse) as connection:
        known = raw.known(connection, salesforce_system, datetime.now(UTC))
        connection.execute("delete from raw_salesforce._dlt_loads")
        after = raw.known(connection, salesforce_system, datetime.now(UTC))

    assert (after.since, after.swept) == ({}, {})
    assert set(known.since) == {stream.name for stream in salesforce.STREAMS}


def test_progress_is_told_in_sentences(place: Any) -> None:
    """Whoever waits learns which system has been read and written."""
    told: list[str] = []

    load(place.workplace, place.environ, ["zendesk"], report=told.append)

    assert [line.split(":")[0] for line in told] == ["zendesk", "zendesk"]
