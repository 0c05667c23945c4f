"""A page read into columns at once says what a page of documents says, or nothing."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.raw.typed import typed
from ingestion.readings import Batch
from ingestion.records import Records, listed
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
from ingestion.transport.documents import document

THINGS = Stream(
    "things",
    "Thing",
    (
        text("name", "name"),
        key("owner_id", "owner.id"),
        integer("count", "count"),
        number("amount", "amount"),
        instant("changed_at", "changed_at"),
        epoch("created", "created"),
        day("starts_on", "starts_on"),
        flag("is_active", "active"),
        text("sku", "metadata.sku?"),
        text("said", "@said"),
    ),
)
PLAIN = (
    '{"id":"t1","name":"A, \\"B\\" and C","owner":{"id":42},"count":7,"amount":12.50,'
    '"changed_at":"2026-10-31T12:00:00Z","created":1793448000,'
    '"starts_on":"2026-10-31","active":true,"metadata":{"sku":"PLT"},"unread":[1,2]}'
)
GIVEN = {"said": "so"}


def page(*records: str) -> bytes:
    """Return an answer with records."""
    return f'{{"data":[{",".join(records)}],"next":"2"}}'.encode()


def other(before: str, after: str) -> str:
    """Return the plain record with a part of it otherwise."""
    assert before in PLAIN
    return PLAIN.replace(before, after)


def rows(documents: Any) -> tuple[pa.Table, list[str]]:
    """Return the rows of documents, and what was said of those that do not fit."""
    table, unfit = typed("vendor", THINGS, Batch("things", documents, GIVEN))
    return table, [str(each.fault) for each in unfit]


def columns(*records: str) -> Records:
    """Return the records of a page that is read at once."""
    found = listed(page(*records), "data", THINGS)
    assert found is not None
    return found[1]


def test_a_plain_page_is_read_at_once() -> None:
    """The rows are the same to the last digit and character, the text of each too."""
    many = [other('"t1"', f'"t{place}"') for place in range(50)]
    body = page(*many)

    found = listed(body, "data", THINGS)

    assert found is not None
    assert found[0]["next"] == "2"
    slow = document(body)["data"]
    assert list(found[1]) == slow
    assert rows(found[1])[0].equals(rows(slow)[0])
    assert rows(found[1])[0]["record"].to_pylist() == many


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"name":"A, \\"B\\" and C",', ""),
        ('"amount":12.50,', ""),
        ('"owner":{"id":42}', '"owner":{}'),
        ('"2026-10-31T12:00:00Z"', '"yesterday"'),
        ('"2026-10-31"', '"2026-02-30"'),
        ('"id":"t1"', '"id":""'),
        ('"id":"t1"', '"id":null'),
        ('"id":"t1",', ""),
        ("1793448000", "9223372036854775807"),
    ],
)
def test_what_does_not_fit_is_said_of_its_record_alone(before: str, after: str) -> None:
    """Its column is looked at value by value; the rest of the page is not."""
    body = page(PLAIN, other(before, after), other('"t1"', '"t3"'))

    found = columns(PLAIN, other(before, after), other('"t1"', '"t3"'))

    fast, faults = rows(found)
    slow, expected = rows(document(body)["data"])
    assert fast.equals(slow)
    assert len(faults) == 1
    assert faults == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("12.50", '"12.50"'),
        ("12.50", "1.1234567891"),
        ("12.50", "123456789012345678901234567890"),
        ('"count":7', '"count":7.0'),
        ('"count":7', '"count":"7"'),
        ('"count":7', '"count":9223372036854775808'),
        ('"active":true', '"active":1'),
        ('"id":42', '"id":"42","id":"43"'),
        ('"unread":[1,2]', '"unread":1,"unread":2'),
        ('"unread":[1,2]', '"unread":[{"a":1},{"a":2}]'),
        ('"unread":[1,2]', '"unread":[NaN]'),
        ('"unread":[1,2]', '"unread":' + "[" * 200 + "]" * 200),
        ('"name":"A,', '"name":"\\ud800'),
        ('"name":"A,', '"name":"\\u00e9'),
        ('"name":"A,', '"name":"},{'),
    ],
)
def test_a_page_that_is_not_plain_is_read_in_the_usual_way(
    before: str, after: str
) -> None:
    """What is wrong with it, if anything is, is said there as ever."""
    assert listed(page(PLAIN, other(before, after)), "data", THINGS) is None


@pytest.mark.parametrize("space", [" ", "\n"])
def test_records_that_are_written_otherwise_get_the_text_they_ever_had(
    space: str,
) -> None:
    """We write them without spaces: theirs would make all of them look changed."""
    assert listed(page(other(",", f",{space}")), "data", THINGS) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"data":[]}',
        b'{"data":[{"id":"t1"}',
        b'{"data":[{"id":"t1"}]',
        b'{"data":[{"id":"t1"}{"id":"t2"}]}',
        b'{"data":[{"id":"t\xff"}]}',
        b'{"meta":{"data":[{"id":"t1"}]},"data":[]}',
        b'{"data":[{"id":"t1"}],"more":[{"id":"t2"}]}',
        b'{"data":[{"id":"t1"}],"data":null}',
        b"<html>[{}]</html>",
    ],
)
def test_a_list_that_is_not_where_it_should_be_is_none(body: bytes) -> None:
    """Brackets elsewhere, bytes that are no text, an answer that breaks off."""
    assert listed(body, "data", THINGS) is None


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.text(max_size=4),
    st.sampled_from(["2026-10-31", "2026-10-31T12:00:00Z", "},{", '"', "\\", " : "]),
    st.lists(st.dictionaries(st.text(max_size=1), st.integers(), max_size=1)),
    st.dictionaries(st.sampled_from(["id", "sku", "x"]), st.text(max_size=2)),
)


def told(record: Mapping[str, Any]) -> str:
    """Return the JSON of a record as vendors write it."""
    members = (f"{said(name)}:{said(value)}" for name, value in record.items())
    return f"{{{','.join(members)}}}"


def said(value: Any) -> str:
    """Return the JSON of a value, a decimal digit by digit."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*json.loads(PLAIN), "other"]), VALUES, max_size=2
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_a_vendor_sends_both_ways_say_the_same(
    changes: list[dict[str, Any]],
) -> None:
    """Same rows, same faults: or the fast way leaves the page to the other."""
    plain = json.loads(PLAIN)
    body = page(*(told({**plain, **change}) for change in changes))

    found = listed(body, "data", THINGS)

    if found is not None:
        slow = document(body)["data"]
        assert list(found[1]) == slow
        fast_rows, fast_faults = rows(found[1])
        slow_rows, slow_faults = rows(slow)
        assert fast_rows.drop(["record"]).equals(slow_rows.drop(["record"]))
        assert fast_faults == slow_faults
