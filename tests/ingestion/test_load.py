"""A load loses nothing, alters nothing, and happens as a whole or not at all."""

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import netsuite, salesforce, stripe, zendesk
from ingestion import warehouse as raw
from ingestion.errors import Rejected, SystemFault
from ingestion.load import load
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


def test_a_change_stamped_before_the_last_reading_and_committed_after_arrives(
    place: Any,
) -> None:
    """The next reading overlaps the last one from its start."""
    place.load("salesforce")
    record_id = place.any_id("salesforce", "account")
    late = place.clock.now() - timedelta(minutes=10)
    account = place.store.collection("salesforce", "account").get(record_id)
    stamp = late.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    changed = {**account, "Name": "Late Inc.", "SystemModstamp": stamp}
    place.store.keep("salesforce", "account", changed)

    place.load("salesforce")

    assert place.rows(
        "select id from raw_salesforce.accounts where name = 'Late Inc.'"
    ) == [(record_id,)]


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


@pytest.mark.parametrize(
    ("system", "name", "field"),
    [
        ("salesforce", "opportunity", "Amount"),
        ("stripe", "invoice", "total"),
        ("netsuite", "invoice", "foreigntotal"),
        ("zendesk", "ticket", "subject"),
    ],
)
def test_a_retyped_value_leaves_every_table_as_it_was(
    place: Any, system: str, name: str, field: str
) -> None:
    """One value that does not fit names its record, and nothing at all is written."""
    both = (system, "salesforce")
    place.load(*both)
    before = {name: place.contents(name) for name in both}
    record_id = place.any_id(system, name)
    wrong = {"text": "a lot"} if system == "zendesk" else "a lot"
    place.store.update(
        system, name, record_id, {field: wrong}, actor="human", request_id="1"
    )
    if system == "netsuite":  # its own query language calculates with the value
        held = place.store.collection(system, name).get(record_id)
        place.store.keep(system, name, {**held, field: "1e-12"})
    place.store.update(
        "salesforce",
        "account",
        place.any_id("salesforce", "account"),
        {"Name": "Other"},
        actor="human",
        request_id="2",
    )

    with pytest.raises(Rejected) as caught:
        place.load(*both)

    assert caught.value.system == system
    assert (caught.value.record_id, caught.value.field) == (record_id, field)
    assert {name: place.contents(name) for name in both} == before


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

    assert load(path, tmp_path, {}) == ()

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
    load(place.warehouse, place.home, {})
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
    ("system", "module", "size"),
    [
        ("salesforce", salesforce, 200),
        ("stripe", stripe, 3),
        ("zendesk", zendesk, 3),
        ("netsuite", netsuite, 3),
    ],
)
def test_small_pages_lose_nothing_where_stamps_are_equal(
    place: Any, monkeypatch: Any, system: str, module: Any, size: int
) -> None:
    """Records of one second lie on both sides of many page borders."""
    for name in place.store.objects(system):
        documents = list(place.store.collection(system, name))
        for document in documents:
            same = {
                field: documents[0][field]
                for field in ("SystemModstamp", "updated_at", "lastmodifieddate")
                if field in document
            }
            place.store.keep(system, name, {**document, **same})
    whole = place.load(system)
    place.warehouse.unlink()
    monkeypatch.setattr(module, "PAGE", size)

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


def test_only_names_systems_that_exist(tmp_path: Path) -> None:
    """A misspelt system is an error, not an empty load."""
    with pytest.raises(KeyError, match="salesfroce"):
        load(tmp_path / "w.duckdb", tmp_path, {}, only=["salesfroce"])


def test_a_position_counts_only_with_a_completed_load(place: Any) -> None:
    """A position may be committed before the rows it stands for."""
    place.load("salesforce")
    salesforce_system = next(one for one in SYSTEMS if one.name == "salesforce")
    with raw.opened(place.warehouse) as connection:
        known = raw.positions(connection, salesforce_system)
        connection.execute("delete from raw_salesforce._dlt_loads")

        assert raw.positions(connection, salesforce_system) == {}

    assert set(known) == {stream.name for stream in salesforce.STREAMS}


def test_progress_is_told_in_sentences(place: Any) -> None:
    """Whoever waits learns which system has been read and written."""
    told: list[str] = []

    load(place.warehouse, place.home, place.environ, ["zendesk"], told.append)

    assert [line.split(":")[0] for line in told] == ["zendesk", "zendesk"]
