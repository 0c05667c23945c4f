"""What a vendor holds stands in the raw tables: all of it, once, digit by digit."""

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

from ingestion.load import Wanted
from ingestion.streams import SQL_TYPES
from sandbox.stamps import key_of
from tests.conformance.account import Account


def test_everything_arrives_once(account: Account) -> None:
    """Every raw table has as many records as the vendor, each once and whole."""
    source, store = account.source, account.store

    found = account.counted(
        "count(*)",
        "count(distinct id)",
        "count(record)",
        "count(*) filter (where is_deleted)",
    )

    held = {}
    for name, where in source.held.items():
        records = where(store) if callable(where) else account.documents(where)
        held[name] = (len(records), len(records), len(records), 0)
    assert found == held
    assert found[source.stream][0] > 0


def test_a_raw_table_has_the_declared_columns(account: Account) -> None:
    """Names and types are those of the stream, and dlt's two."""
    columns: dict[str, dict[str, str]] = {}
    for table, name, kind in account.rows(
        "select table_name, column_name, data_type from information_schema.columns"
        f" where table_schema = 'raw_{account.source.name}'"
    ):
        columns.setdefault(table, {})[name] = kind

    for stream in account.system.streams:
        declared = {name: SQL_TYPES[kind] for name, kind in stream.kinds.items()}
        own = dict.fromkeys(("_dlt_load_id", "_dlt_id"), "VARCHAR")
        assert columns[stream.name] == {**declared, **own}


def test_the_record_is_the_vendors_own(account: Account) -> None:
    """What is kept of a record has the vendor's own values under its own names."""
    source = account.source
    key = key_of(source.name)
    records: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for stream, record_id, record in account.rows(
        " union all ".join(
            f"select '{stream}', id, record from {account.table(stream)}"
            for stream in source.held
        )
    ):
        records[stream].append((record_id, record))
    compared = 0
    for stream, where in source.held.items():
        if callable(where):
            continue
        held = {str(each[key]): each for each in account.documents(where)}
        for record_id, record in records[stream]:
            sent, own = _flat(record), _flat(held.get(record_id, {}))
            same = {
                name
                for name in sent.keys() & own.keys()
                if type(sent[name]) is type(own[name])
                and f"{stream}.{name}" not in source.displayed
            }
            assert {name: sent[name] for name in same} == {
                name: own[name] for name in same
            }
            compared += len(same)
    assert compared > len(account.documents())


def _flat(record: Any) -> dict[str, Any]:
    """Return the plain values of a record, those of properties too."""
    if isinstance(record, str):
        record = json.loads(record, parse_float=Decimal)
    inner = record.get("properties")
    record = {**record, **inner} if isinstance(inner, dict) else record
    return {
        name: value
        for name, value in record.items()
        if not isinstance(value, dict | list)
    }


def test_sums_are_exact(account: Account) -> None:
    """Not one minor unit is lost on the way from the vendor to the table."""
    assert account.source.sums
    for one in account.source.sums:
        [(found,)] = account.rows(
            f"select sum({one.column}) from {account.table(one.stream)}"
        )

        expected = sum(one.held(account.store))
        assert Decimal(found) == expected
        assert expected != 0


def test_seventeen_digits_arrive(account: Account) -> None:
    """A number that no binary fraction holds is the same in the table."""
    one = account.source.digits
    record_id = account.ids(one.object)[0]
    account.update(record_id, {one.field: one.value}, one.object)

    account.load(Wanted(frozenset({one.stream})))

    [(found,)] = account.rows(
        f"select {one.column} from {account.table(one.stream)} where id = '{record_id}'"
    )
    assert Decimal(str(found)) == Decimal(str(one.value))
    assert len(Decimal(str(found)).normalize().as_tuple().digits) >= 16


def test_a_field_that_is_new_is_kept(account: Account) -> None:
    """A field that the vendor adds disturbs nothing and is in the record at once."""
    account.alter_records(("*", {"kit_added": "new"}))

    loaded = account.load_stream(is_full=True)

    assert loaded.quarantined == 0
    assert account.rows(
        "select count(*) from"
        f" {account.table()} where record::json->>'kit_added' = 'new'"
    ) == [(len(account.ids()),)]
