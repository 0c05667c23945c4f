"""Every registered system passes the same tests, against its sandbox over HTTP."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import load as loading
from ingestion.errors import Refused, SystemFault, Transient
from ingestion.load import load
from ingestion.streams import SQL_TYPES, Document, Stream
from ingestion.systems import SYSTEMS, System, connected, system

ALL = [pytest.param(one, id=one.name) for one in SYSTEMS]
# What the sandbox serves; the others are tested with servers of their own.
SERVED = [
    one for one in ALL if one.id in {"salesforce", "stripe", "zendesk", "netsuite"}
]
STREAMS = [
    pytest.param(one, stream, id=f"{one.name}-{stream.name}")
    for one in SYSTEMS
    for stream in one.streams
]
SERVED_STREAMS = [
    each for each in STREAMS if str(each.id).split("-")[0] in {s.id for s in SERVED}
]
NETSUITE_OBJECTS = {
    "customers": "customer",
    "items": "item",
    "invoices": "invoice",
    "payments": "payment",
    "payment_applications": "payment_application",
}
# Which setting holds the secret of a system, to be spoiled.
SECRETS = {
    "salesforce": "SALESFORCE_CLIENT_SECRET",
    "stripe": "STRIPE_API_KEY",
    "zendesk": "ZENDESK_API_TOKEN",
    "netsuite": "NETSUITE_CLIENT_ID",
}

# A request by which each system is read.
READS = {
    "salesforce": ("GET", "/queryAll"),
    "stripe": ("GET", "/v1/invoices"),
    "zendesk": ("GET", "/incremental/"),
    "netsuite": ("POST", "/suiteql"),
}


@pytest.fixture(scope="module")
def loaded(
    sandbox_small: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Everything the small company has, loaded once for all tests of this file."""
    home = tmp_path_factory.mktemp("loaded")
    load(home / "warehouse.duckdb", home, sandbox_small.environment)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def documents(sandbox: Any, one: System, stream: Stream) -> list[Document]:
    """Return what the sandbox holds for a stream, read at its control door."""
    if (one.name, stream.name) == ("stripe", "subscription_items"):
        subscriptions = sandbox.records("stripe", "subscription")
        return [item for held in subscriptions for item in held["items"]["data"]]
    if (one.name, stream.name) == ("stripe", "invoice_lines"):
        invoices = sandbox.records("stripe", "invoice")
        return [line for held in invoices for line in held["lines"]["data"]]
    name = NETSUITE_OBJECTS[stream.name] if one.name == "netsuite" else stream.object
    held: list[Document] = sandbox.records(one.name, name)
    return held


@pytest.mark.parametrize("one", ALL)
def test_a_system_declares_distinct_streams(one: System) -> None:
    """Two streams of one name would write the same table."""
    names = [stream.name for stream in one.streams]

    assert len(names) == len(set(names))
    assert one.required
    assert all(name.startswith(one.name.upper()) for name in one.required)
    assert system(one.name) is one


@pytest.mark.parametrize(("one", "stream"), STREAMS)
def test_a_stream_declares_what_every_raw_table_has(
    one: System, stream: Stream
) -> None:
    """Key, record and tombstone are there, a cursor is an instant, names are unique."""
    names = [column.name for column in stream.columns]

    assert one.schema == f"raw_{one.name}"
    assert len(names) == len(set(names))
    assert not {"id", "record", "is_deleted"} & set(names)
    assert all(name == name.lower() for name in names)
    assert next(iter(stream.kinds)) == "id"
    assert list(stream.kinds)[-2:] == ["record", "is_deleted"]
    assert stream.cursor is None or stream.kinds[stream.cursor] == "instant"
    assert stream.deletes != "keys" or stream.cursor is not None


@pytest.mark.parametrize(("one", "stream"), STREAMS)
def test_a_raw_table_has_exactly_the_declared_columns(
    loaded: duckdb.DuckDBPyConnection, one: System, stream: Stream
) -> None:
    """Loaded or not, a table has its columns and types, and dlt's two."""
    found = loaded.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = ? and table_name = ?",
        [one.schema, stream.name],
    ).fetchall()

    declared = {name: SQL_TYPES[kind] for name, kind in stream.kinds.items()}
    assert dict(found) == {
        **declared,
        "_dlt_load_id": "VARCHAR",
        "_dlt_id": "VARCHAR",
    }


@pytest.mark.parametrize(("one", "stream"), SERVED_STREAMS)
def test_nothing_is_lost_and_nothing_arrives_twice(
    loaded: duckdb.DuckDBPyConnection, sandbox_small: Any, one: System, stream: Stream
) -> None:
    """The table holds what the system holds, each record once and whole."""
    held = documents(sandbox_small, one, stream)

    counted = loaded.execute(
        f"select count(*), count(distinct id), count(distinct _dlt_id),"
        f" count(record), count(*) filter (where is_deleted)"
        f" from {one.schema}.{stream.name}"
    ).fetchone()

    number = len(held)
    assert counted == (number, number, number, number, 0)
    # Refunds are one in a hundred payments: a small company may have none.
    assert number > 0 or stream.name == "refunds"


@pytest.mark.parametrize(("one", "stream"), SERVED_STREAMS)
def test_the_record_is_the_vendors_own(
    loaded: duckdb.DuckDBPyConnection, sandbox_small: Any, one: System, stream: Stream
) -> None:
    """Each record has the values that the system holds under the same names."""
    identity = stream.identity
    held = {
        "-".join(str(document[name]) for name in identity): document
        for document in documents(sandbox_small, one, stream)
        if all(name in document for name in identity)
    }

    for identifier, record in loaded.execute(
        f"select id, record from {one.schema}.{stream.name}"
    ).fetchall():
        sent = json.loads(record)
        own = held.get(identifier, {})
        # NetSuite gives text and display names; embedded objects may be expanded.
        same = {
            name
            for name in sent.keys() & own.keys()
            if type(sent[name]) is type(own[name]) and one.name != "netsuite"
        }
        assert {name: sent[name] for name in same if not _nested(sent[name])} == {
            name: own[name] for name in same if not _nested(sent[name])
        }


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list)


AMOUNTS: Sequence[tuple[str, str, str, Callable[[Any], Any]]] = [
    ("salesforce", "opportunities", "amount", lambda held: held["Amount"]),
    ("salesforce", "quotes", "sbqq__net_amount__c", lambda q: q["SBQQ__NetAmount__c"]),
    (
        "salesforce",
        "quote_lines",
        "sbqq__net_total__c",
        lambda q: q["SBQQ__NetTotal__c"],
    ),
    ("stripe", "invoices", "total", lambda held: held["total"]),
    ("stripe", "invoice_lines", "amount", lambda held: held["amount"]),
    ("stripe", "payments", "amount_received", lambda held: held["amount_received"]),
    ("stripe", "meter_summaries", "aggregated_value", lambda m: m["aggregated_value"]),
    ("netsuite", "invoices", "foreigntotal", lambda held: held["foreigntotal"]),
    ("netsuite", "payments", "foreigntotal", lambda held: held["foreigntotal"]),
]


@pytest.mark.parametrize("case", AMOUNTS, ids=lambda case: ".".join(case[:3]))
def test_sums_are_exact(
    loaded: duckdb.DuckDBPyConnection,
    sandbox_small: Any,
    case: tuple[str, str, str, Callable[[Any], Any]],
) -> None:
    """Not one minor unit is lost on the way from the vendor to the table."""
    name, table, column, amount = case
    one = system(name)
    stream = next(each for each in one.streams if each.name == table)
    held = documents(sandbox_small, one, stream)

    found = loaded.execute(f"select sum({column}) from raw_{name}.{table}").fetchone()

    expected = sum(Decimal(str(amount(each) or 0)) for each in held)
    assert found is not None
    assert Decimal(found[0]) == expected
    assert expected != 0


@pytest.mark.parametrize("one", SERVED)
def test_a_wrong_credential_names_the_system_and_the_setting(
    one: System, sandbox_small: Any, tmp_path: Path
) -> None:
    """The sentence says what to check; the warehouse has its empty tables only."""
    environ = {**sandbox_small.environment, SECRETS[one.name]: "wrong"}

    with pytest.raises(Refused) as caught:
        load(tmp_path / "w.duckdb", tmp_path, environ, only=[one.name])

    assert str(caught.value).startswith(one.name)
    assert SECRETS[one.name] in str(caught.value)
    assert "wrong" not in str(caught.value).replace("wrongly", "")
    assert _rows(tmp_path / "w.duckdb", one) == 0


@pytest.mark.parametrize("one", SERVED)
def test_an_unreachable_system_names_the_host_and_the_setting(
    one: System,
    sandbox_small: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sentence has the address that nobody answers at."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)
    setting = f"{one.name.upper()}_URL"
    environ = {**sandbox_small.environment, setting: "http://127.0.0.1:9"}

    with pytest.raises(Transient, match=rf"127\.0\.0\.1:9 .*check {setting}"):
        load(tmp_path / "w.duckdb", tmp_path, environ, only=[one.name])

    assert _rows(tmp_path / "w.duckdb", one) == 0


@pytest.mark.parametrize("one", SERVED)
def test_a_broken_answer_is_asked_for_again(
    one: System, start_sandbox: Any, tmp_path: Path
) -> None:
    """One 500 and one lost answer cost a moment, no record."""
    sandbox = start_sandbox(customers=20, months=6)
    method, path = READS[one.name]
    where = {"system": one.name, "method": method, "path_contains": path, "times": 1}
    sandbox.faults(
        [
            {**where, "kind": "status", "status": 503},
            {**where, "kind": "lost_response"},
        ]
    )

    loaded = load(tmp_path / "w.duckdb", tmp_path, sandbox.environment, only=[one.name])

    assert sum(each.rows for each in loaded) == sum(
        len(documents(sandbox, one, stream)) for stream in one.streams
    )


@pytest.mark.parametrize("one", SERVED)
def test_a_system_that_stays_broken_leaves_the_others_as_they_were(
    one: System,
    start_sandbox: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is written unless everything could be read."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)
    sandbox = start_sandbox(customers=20, months=6)
    method, path = READS[one.name]
    sandbox.faults(
        [
            {
                "system": one.name,
                "method": method,
                "path_contains": path,
                "kind": "status",
                "status": 503,
                "times": 100,
            }
        ]
    )

    with pytest.raises(SystemFault) as caught:
        load(tmp_path / "w.duckdb", tmp_path, sandbox.environment)

    assert caught.value.system == one.name
    assert caught.value.status == 503
    for each in connected(sandbox.environment):
        assert _rows(tmp_path / "w.duckdb", each) == 0


@pytest.mark.parametrize("one", ALL)
def test_a_system_that_is_not_connected_says_which_settings_it_wants(
    one: System, tmp_path: Path
) -> None:
    """Connecting names what is missing; loading leaves it out."""
    with pytest.raises(Refused, match=one.required[0]):
        one.connect({})

    assert not one.is_connected({})
    assert loading.load_system(one.name, tmp_path / "w.duckdb", tmp_path, {}) == ()


def _rows(path: Path, one: System) -> int:
    with duckdb.connect(str(path)) as connection:
        return sum(
            connection.execute(
                f"select count(*) from {one.schema}.{stream.name}"
            ).fetchall()[0][0]
            for stream in one.streams
        )


def test_environments_are_not_mixed_up(sandbox_small: Any) -> None:
    """A sandbox connects exactly the systems that it serves."""
    environ: Mapping[str, str] = sandbox_small.environment

    assert {one.name for one in connected(environ)} == {each.id for each in SERVED}
