"""Rows hold exactly what the documents said, or name the document that does not fit."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import Refused, Rejected, SystemFault
from ingestion.raw.typed import as_text, typed
from ingestion.readings import Batch
from ingestion.streams import (
    Stream,
    day,
    epoch,
    flag,
    instant,
    integer,
    key,
    number,
    text,
)

STREAM = Stream(
    "things",
    "Thing",
    (
        text("name", "name"),
        key("owner_id", "owner_id"),
        integer("count", "count"),
        number("amount", "amount"),
        instant("changed_at", "changed_at"),
        epoch("created", "created"),
        day("starts_on", "starts_on"),
        flag("active", "active"),
        text("country", "address.country"),
        text("sku", "metadata.sku?"),
    ),
)
WHOLE: dict[str, Any] = {
    "id": "t1",
    "name": "Ünïcode",
    "owner_id": 42,
    "count": 7,
    "amount": Decimal("12.50"),
    "changed_at": "2026-10-31T12:00:00.000+0000",
    "created": 1793448000,
    "starts_on": "2026-10-31",
    "active": True,
    "address": {"country": "DE"},
    "metadata": {"sku": "PLT"},
}


def arrived(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the documents; raise the fault of one that is unfit."""
    table, unfit = typed("vendor", STREAM, Batch("things", documents))
    for each in unfit:
        raise each.fault
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_a_document_becomes_a_typed_row() -> None:
    """Each kind of column reads its value from its path."""
    [row] = arrived(WHOLE)

    noon = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert row == {
        "id": "t1",
        "name": "Ünïcode",
        "owner_id": "42",
        "count": 7,
        "amount": Decimal("12.500000000"),
        "changed_at": noon,
        "created": noon,
        "starts_on": date(2026, 10, 31),
        "active": True,
        "country": "DE",
        "sku": "PLT",
        "record": as_text(WHOLE),
        "is_deleted": False,
    }


def test_a_null_is_a_null_wherever_it_stands() -> None:
    """Null values and null parents are empty cells, never errors."""
    empty = dict.fromkeys(WHOLE) | {"id": "t1"}

    [row] = arrived(empty)

    declared = [column.name for column in STREAM.columns]
    assert {row[name] for name in declared} == {None}


def test_an_optional_key_may_be_absent() -> None:
    """Metadata has the keys that somebody put there."""
    [row] = arrived({**WHOLE, "metadata": {}})

    assert row["sku"] is None


@pytest.mark.parametrize("name", ["name", "amount", "address", "metadata"])
def test_a_field_that_a_vendor_stopped_sending_is_an_error(name: str) -> None:
    """An absent field is not a null: it would empty the column everywhere."""
    short = {key: value for key, value in WHOLE.items() if key != name}

    with pytest.raises(
        Refused, match=rf"vendor Thing t1, field {name}.*lacks"
    ) as caught:
        arrived(short)

    assert (caught.value.object, caught.value.record_id) == ("Thing", "t1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 5),
        ("owner_id", 1.5),
        ("owner_id", ""),
        ("count", "7"),
        ("count", Decimal("7.5")),
        ("count", True),
        ("count", 2**63),
        ("amount", "12.50"),
        ("amount", True),
        ("amount", Decimal("0.0000000001")),
        ("amount", Decimal(10) ** 29),
        ("amount", {"value": 1}),
        ("changed_at", "yesterday"),
        ("changed_at", 5),
        ("created", "1793448000"),
        ("starts_on", "31.10.2026"),
        ("active", "true"),
        ("address", "Germany"),
    ],
)
def test_a_retyped_value_names_system_object_record_field_and_value(
    name: str, value: Any
) -> None:
    """Nothing is coerced in silence: the sentence leads to the record."""
    with pytest.raises(SystemFault) as caught:
        arrived({**WHOLE, "id": "t0"}, {**WHOLE, name: value})

    fault = caught.value
    assert isinstance(fault, Rejected | Refused)
    assert (fault.system, fault.object, fault.record_id) == ("vendor", "Thing", "t1")
    assert fault.field is not None
    assert fault.field.startswith(name)


def test_a_document_without_an_identifier_is_an_error() -> None:
    """What cannot be told apart cannot be merged."""
    with pytest.raises(Refused, match="field id"):
        arrived({**WHOLE, "id": None})


def test_an_unfit_document_is_set_aside_alone() -> None:
    """The others are rows, in their order; it is kept whole, with what was given."""
    bad = {**WHOLE, "id": "t2", "amount": "a lot"}

    table, unfit = typed(
        "vendor", STREAM, Batch("things", [WHOLE, bad, {**WHOLE, "id": "t3"}], {"a": 1})
    )

    assert table["id"].to_pylist() == ["t1", "t3"]
    [one] = unfit
    assert (one.document, one.given) == (bad, {"a": 1})
    assert (one.fault.record_id, one.fault.field) == ("t2", "amount")


def test_an_identifier_may_have_parts() -> None:
    """A link between two records is known by both."""
    link = Stream("links", "Link", (), identity=("from", "to"))

    table, _ = typed("vendor", link, Batch("links", [{"from": 1, "to": "b"}]))

    assert table["id"].to_pylist() == ["1-b"]


def test_a_given_value_reaches_its_column_and_leaves_the_record_alone() -> None:
    """What the request knew and the record lacks is kept beside the record."""
    stream = Stream("things", "Thing", (text("customer", "@customer"),))

    batch = Batch("things", [{"id": "a"}], {"customer": "c"})

    table, _ = typed("vendor", stream, batch)

    assert table.to_pylist() == [
        {"id": "a", "customer": "c", "record": '{"id":"a"}', "is_deleted": False}
    ]


def test_no_documents_make_an_empty_typed_table() -> None:
    """An empty stream has its columns and types all the same."""
    table, _ = typed("vendor", STREAM, Batch("things", []))

    assert (table.num_rows, table.schema) == (0, STREAM.schema)


@given(
    st.decimals(
        min_value=Decimal(-(10**17)),
        max_value=Decimal(10**17),
        places=9,
        allow_nan=False,
    )
)
def test_decimals_are_exact_from_json_to_row(value: Decimal) -> None:
    """A JSON number reaches row and record with every digit it had."""
    document = json.loads(f'{{"id": "a", "amount": {value:f}}}', parse_float=Decimal)
    stream = Stream("things", "Thing", (number("amount", "amount"),))

    table, _ = typed("vendor", stream, Batch("things", [document]))
    [row] = table.to_pylist()

    assert row["amount"] == value
    assert json.loads(row["record"], parse_float=Decimal)["amount"] == value


def test_the_record_keeps_numbers_digit_by_digit() -> None:
    """Neither trailing zeros nor seventeen digits are lost in the record."""
    sent = '{"id":"a","amount":9007199254740993.10,"rate":0.1,"n":3}'

    assert as_text(json.loads(sent, parse_float=Decimal)) == sent


# What vendors send, what they might, and what lies on the border of what is allowed.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(min_value=Decimal(-(10**29)), max_value=Decimal(10**29), places=9),
    st.text(max_size=5),
    st.datetimes().map(datetime.isoformat),
    st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}+0000"),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.dates().map(date.isoformat),
    st.sampled_from(
        [
            *("2026-10-31T12:00:00Z", "2026-10-31 12:00:00", "2026-10-31T12:00"),
            *("2026-10-31T23:59:60Z", "2026-10-31T24:00:00Z", "20261031T120000Z"),
            *("0000-01-01", "2026-W01-1", "20261031", "2026-02-30", "12026-01-01"),
            *("2026-10-31T12:00:00+14:00", "2026-10-31T12:00:00-0930", " 2026-10-31"),
            *("2026-10-31T12:00:00.1234567Z", "2026-10-31T12:00:00,5Z"),
        ]
    ),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.sampled_from(["country", "sku"]), st.text(max_size=2)),
)


@given(st.lists(st.tuples(st.sampled_from(sorted(WHOLE)), ODD), min_size=1, max_size=6))
def test_a_page_at_once_is_as_each_value_by_itself(
    changes: list[tuple[str, Any]],
) -> None:
    """The fast way says what the slow one says, or nothing: same rows, same faults."""
    documents = [{**WHOLE, "id": f"t{place}"} for place in range(len(changes) + 1)]
    for document, (name, value) in zip(documents, changes, strict=False):
        document[name] = value
    batch = Batch("things", documents)

    fast, fast_faults = typed("vendor", STREAM, batch)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ingestion.raw.typed.vector", lambda *_asked: None)
        slow, slow_faults = typed("vendor", STREAM, batch)

    assert fast.equals(slow)
    assert [str(each.fault) for each in fast_faults] == [
        str(each.fault) for each in slow_faults
    ]


@given(ODD, ODD, st.sampled_from(sorted(WHOLE)))
def test_a_column_of_one_kind_at_once_is_as_each_value_by_itself(
    first: Any, second: Any, name: str
) -> None:
    """Where nothing else is on the page to send it the slow way."""
    batch = Batch(
        "things",
        [{**WHOLE, "id": "a", name: first}, {**WHOLE, "id": "b", name: second}],
    )
    if name == "id":
        return

    fast, fast_faults = typed("vendor", STREAM, batch)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ingestion.raw.typed.vector", lambda *_asked: None)
        slow, slow_faults = typed("vendor", STREAM, batch)

    assert fast.equals(slow)
    assert len(fast_faults) == len(slow_faults)
