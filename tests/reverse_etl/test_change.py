"""Change: values are compared in one writing, and hashed by content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverse_etl.change import (
    Decision,
    FieldChange,
    canonical,
    change_id,
    fields_from_json,
    fields_to_json,
)
from tests.reverse_etl.support import create, name_field, update

TEXTS = st.none() | st.text(max_size=5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("  \t", None),
        (" Acme ", "Acme"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (Decimal("1.500"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1000000000000000000000000.0001"), "1000000000000000000000000.0001"),
        (Decimal("-0.00"), "0"),
        (date(2026, 10, 31), "2026-10-31"),
        (datetime(2026, 10, 31, 1, tzinfo=UTC), "2026-10-31T01:00:00.000000+00:00"),
    ],
)
def test_a_value_has_one_writing(value: Any, expected: str | None) -> None:
    """Blanks, trailing zeros and empty texts are no differences."""
    assert canonical(value) == expected


def test_a_float_has_none() -> None:
    """It may stand for money, and 0.1 + 0.2 is not 0.3."""
    with pytest.raises(TypeError, match="float"):
        canonical(0.1)


@given(st.none() | st.text() | st.integers() | st.booleans() | st.dates())
def test_the_writing_of_a_writing_is_itself(value: Any) -> None:
    """What was written and read back compares equal."""
    assert canonical(canonical(value)) == canonical(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 6))
def test_equal_numbers_are_written_equally(number: Decimal, zeros: int) -> None:
    """However many zeros a system appends."""
    longer = Decimal(f"{number}{'0' * zeros}")

    assert canonical(longer) == canonical(number)
    assert Decimal(str(canonical(number))) == number


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-12, 12))
def test_equal_instants_are_written_equally(instant: datetime, hours: int) -> None:
    """In whichever time zone a system tells them."""
    try:
        elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    except OverflowError:
        return
    assert canonical(elsewhere) == canonical(instant)


FIELDS = st.builds(
    FieldChange,
    field=st.text(min_size=1, max_size=5),
    canonical=st.just("name"),
    theirs=TEXTS,
    ours=TEXTS,
    base=TEXTS,
    base_known=st.booleans(),
    decision=st.sampled_from(Decision),
    source=TEXTS,
)


@given(st.tuples(FIELDS, FIELDS))
def test_the_ledger_keeps_every_field_as_it_was(
    fields: tuple[FieldChange, ...],
) -> None:
    """Whatever characters a name has."""
    assert fields_from_json(fields_to_json(fields)) == fields


def test_the_content_is_where_and_what_and_nothing_else() -> None:
    """Reason and time do not change the hash; target and any value do."""
    plain = update()

    assert replace(plain, reason="another").content_hash == plain.content_hash
    hashes = {
        plain.content_hash,
        update("a2").content_hash,
        update(system="erp").content_hash,
        update(object="Deal").content_hash,
        update(fields=(name_field(ours="B"),)).content_hash,
        update(fields=(name_field(theirs="B"),)).content_hash,
        update(fields=(name_field(field="B"),)).content_hash,
        create().content_hash,
    }
    assert len(hashes) == 8


def test_the_same_content_planned_once_more_is_a_further_change() -> None:
    """A value that comes and goes needs a change each time."""
    assert change_id("x", 0) != change_id("x", 1)
    assert change_id("x", 1) == change_id("x", 1)


def test_a_record_to_be_created_is_named_by_our_key() -> None:
    """Also before it has an id."""
    assert create("in_1").record_key == "crm:invoice:key:in_1"
    assert update("a1").record_key == "crm:account:a1"
