"""JSON from outside: read exactly, or not at all."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.transport.documents import (
    DEEPEST,
    NotJsonError,
    NotUsableError,
    document,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_is_json_is_read_as_it_was_written(value: Any) -> None:
    """Any text, any nesting, any size of number, packed tightly or not."""
    import json

    assert document(json.dumps(value).encode()) == value
    assert document(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


def test_fractions_are_exact_and_a_mark_before_them_is_no_part() -> None:
    """Seventeen digits survive, with a byte order mark or without."""
    data = b'{"a": 9007199254740993.01, "b": 1e-7}'

    expected = {"a": Decimal("9007199254740993.01"), "b": Decimal("1e-7")}
    assert document(data) == expected
    assert document(b"\xef\xbb\xbf" + data) == expected


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": NaN}', "NaN is no number"),
        (b"[Infinity]", "Infinity is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b'{"id": 1, "id": 2}', "'id' stands twice"),
        (b'[{"a": {"id": 1, "b": 0, "id": 1}}]', "'id' stands twice"),
        (b'{"a" : 1, "id": 1, "id": 2}', "'id' stands twice"),
        (b'{"a\\\\": 1, "id": 1, "id": 2}', "'id' stands twice"),
        (b'{"a": "\\":", "id": 1, "id": 2}', "'id' stands twice"),
        (b'["\\ud800"]', "half a character"),
        (b'{"\\uDC00": 1}', "half a character"),
        (b'["\\udc00\\ud800"]', "half a character"),
        (b"[" * 101 + b"]" * 101, "100 levels"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "100 levels"),
        (b"[" * 1_000_000, "100 levels"),
    ],
)
def test_what_two_readers_would_read_differently_is_refused(
    data: bytes, said: str
) -> None:
    """The warehouse holds the vendor's record or none."""
    with pytest.raises(NotUsableError, match=said):
        document(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Sign in</html>",
        b'{"a": 1',
        b'{"a": 1} {"b": 2}',
        b'["\xed\xa0\x80"]',
        b"\xff\xfe[\x00]\x00",
        b"[\xff]",
        b"[" + b"1" * 5000 + b"]",
    ],
)
def test_what_is_no_json_is_said_to_be_none(data: bytes) -> None:
    """Cut off, doubled, in another encoding, or a web page."""
    with pytest.raises(NotJsonError):
        document(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b'["' + b"[" * 500 + b'"]', ["[" * 500]),
        (b'{"a\\\\": "x\\":y", "b" :1}', {"a\\": 'x":y', "b": 1}),
        (b'["\\"' + b"{" * 500 + b'"]', ['"' + "{" * 500]),
    ],
)
def test_what_only_looks_wrong_is_read(data: bytes, value: Any) -> None:
    """Whole pairs, written-out escapes and brackets inside a text are harmless."""
    assert document(data) == value


def test_the_deepest_document_is_read() -> None:
    """The limit itself is still inside."""
    value = document(b"[" * DEEPEST + b"]" * DEEPEST)

    for _ in range(DEEPEST - 1):
        (value,) = value
    assert value == []
