"""Three ways: the base, the value there and the golden value, compared in SQL.

One query answers for all governed fields of an object: rows in which nothing differs
fall out before their fields are taken apart, so that a plan costs little more than
reading both tables.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import reduce

from reverse_etl.contract import Entity, Field, Receiver

# What Python calls a blank: DuckDB's trim() alone knows the space only.
BLANKS = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace())
_PLAIN_END = "unicode({}) between 33 and 126"  # ASCII that is seen
_TEXTS = {"VARCHAR", "JSON"}
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
_PLAIN = {"BOOLEAN", "DATE", *_WHOLE, *(f"U{name}" for name in _WHOLE)}

Pushed = Sequence[tuple[Field, str]]


class NotComparableError(Exception):
    """A column is not there, or has a type that has no one text: see its model."""


def quoted(identifier: str | None) -> str:
    """Quote a name."""
    return '"' + str(identifier).replace('"', '""') + '"'


def literal(value: str) -> str:
    """Quote a text."""
    return "'" + value.replace("'", "''") + "'"


def canonical_sql(expression: str, data_type: str) -> str:
    """Return the SQL of a value's canonical text; `change.canonical` in SQL.

    Raises:
        NotComparableError: A float, which may not stand for money, or a type that
            has no one text.
    """
    if data_type in _TEXTS:
        # A trim of all of them takes microseconds: few texts begin or end with one.
        ends = f"({_PLAIN_END.format(expression)}"
        ends += f" and {_PLAIN_END.format(f'right({expression}, 1)')})"
        trimmed = f"nullif(trim({expression}, {literal(BLANKS)}), '')"
        return f"case when {ends} then {expression} else {trimmed} end"
    as_text = f"cast({expression} as varchar)"
    if data_type in _PLAIN:
        return as_text
    if data_type.startswith("DECIMAL"):
        scaled = not data_type.endswith(",0)")
        return f"rtrim(rtrim({as_text}, '0'), '.')" if scaled else as_text
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return (
            f"strftime({expression} at time zone 'UTC',"
            " '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'"
        )
    raise NotComparableError(
        f"{expression} is a {data_type}, which has no canonical text: cast it."
    )


def relation(entity: Entity) -> str:
    """Return the table of an entity's golden rows."""
    return f"{entity.schema}.{quoted(entity.name)}"


def joined(entity: Entity, receiver: Receiver) -> str:
    """Return the golden rows beside their records there."""
    return (
        f"from {relation(entity)} as golden"
        f" join staging.{quoted(receiver.model)} as there"
        f" on there.{quoted(receiver.key)} = golden.{quoted(receiver.key)}"
    )


def alive() -> str:
    """Return the condition that a record there is not deleted."""
    return "not coalesce(there.is_deleted, false)"


def column_or_null(entity: Entity, column: str) -> str:
    """Return a golden column that not every entity has."""
    return f"golden.{quoted(column)}" if column in entity.columns else "null"


def comparison(
    entity: Entity,
    receiver: Receiver,
    pushed: Pushed,
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
) -> str:
    """Return the query of all fields with something to do, and what that is.

    It reads, beside golden rows and records, two relations: `base` (record_id, field,
    value, is_known), and `written` (record_id, field, before): what we wrote and
    ingestion has not seen yet. Where it still shows the value before, ours counts as
    there.

    Args:
        entity: The golden rows.
        receiver: The records.
        pushed: Each field with its name there.
        ours: The data type of each golden column.
        theirs: The data type of each column of the staging model.
    """
    numbered = list(enumerate(pushed))
    named = ", ".join(literal(there) for _, there in pushed)
    columns = ", ".join(
        f"golden.{quoted(field.name)} as ours_{n},"
        f" there.{quoted(field.name)} as theirs_{n},"
        f" {column_or_null(entity, f'{field.name}_source')} as source_{n}"
        for n, (field, _) in numbered
    )
    differ = " or ".join(
        f"{_governs(field, f'golden.{quoted(field.name)}')}"
        f" {_differ(field.name, ours[field.name] == theirs[field.name])}"
        for field, _ in pushed
    )
    confirmed = [_confirmed(field, there, ours[field.name]) for field, there in pushed]
    apart = " union all ".join(
        f"select {n} as place, entity_id, customer_id, record_id,"
        f" {canonical_sql(f'theirs_{n}', theirs[field.name])} as seen,"
        f" {str(field.fills).lower()} as fills,"
        f" {canonical_sql(f'ours_{n}', ours[field.name])} as ours,"
        f" cast(source_{n} as varchar) as source, {literal(there)} as field"
        f" from records where {_governs(field, f'ours_{n}')} true"
        for n, (field, there) in numbered
    )
    return (
        f"with based as (select record_id, bit_xor({_DIGEST}) as digest from base"
        f" where is_known and field in ({named}) group by record_id),"
        f" records as (select cast(golden.{quoted(entity.key)} as varchar)"
        f" as entity_id, {column_or_null(entity, 'customer_id')} as customer_id,"
        f" cast(golden.{quoted(receiver.key)} as varchar) as record_id, {columns}"
        f" {joined(entity, receiver)} left join based"
        f" on based.record_id = cast(golden.{quoted(receiver.key)} as varchar)"
        f" where {alive()} and ({differ}"
        f" or coalesce(based.digest, 0) <> {_all_xored(confirmed)})),"
        f" fields as ({apart}),"
        " current as (select fields.*, base.value as base,"
        " coalesce(base.is_known, false) as is_known,"
        " case when written.record_id is not null"
        " and written.before is not distinct from fields.seen then base.value"
        " else fields.seen end as theirs from fields"
        " left join base using (record_id, field)"
        " left join written using (record_id, field)),"
        f" decided as (select *, {DECISION} as decision from current"
        # What stands in a field that is only to be filled is not ours to judge.
        " where not fills or theirs is null or theirs is not distinct from ours)"
        " select place, entity_id, customer_id, record_id, theirs, ours, base,"
        " is_known, source, decision from decided"
        " where decision <> 'converged' or not is_known"
        " or base is distinct from ours order by place, record_id, entity_id"
    )


# Stands for one confirmed value: a record whose values are all confirmed is told by one
# number, and its bases, a row for each field, are not taken out. The outer hash keeps
# two values that changed places apart, which DuckDB's hash of a pair does not.
_DIGEST = "hash(hash(field, value))"


def _confirmed(field: Field, there: str, data_type: str) -> str:
    """Return what a golden value adds to its record's digest if it was confirmed.

    A text is taken as it stands, with its blanks: the rare one that has some is taken
    apart although nothing about it is new.
    """
    column = f"golden.{quoted(field.name)}"
    is_text = data_type in _TEXTS
    value = column if is_text else canonical_sql(column, data_type)
    digest = f"hash(hash({literal(there)}, cast({value} as varchar)))"
    if field.clears:
        return digest
    return f"case when {column} is null then 0 else {digest} end"


def _all_xored(digests: Sequence[str]) -> str:
    """Return the digest of a whole record."""
    return reduce(lambda left, right: f"xor({left}, {right})", digests)


# A field that was never confirmed has no base: what differs is written.
DECISION = (
    "case when theirs is not distinct from ours then 'converged'"
    " when not is_known or theirs is not distinct from base then 'write'"
    " when base is not distinct from ours then 'user_edit' else 'conflict' end"
)


def contradictions(
    entity: Entity, receiver: Receiver, pushed: Pushed, ours: Mapping[str, str]
) -> str:
    """Return the query of fields to which several golden rows give different values."""
    apart = " union all ".join(
        f"select {n} as place, cast(golden.{quoted(receiver.key)} as varchar)"
        " as record_id,"
        f" {canonical_sql(f'golden.{quoted(field.name)}', ours[field.name])} as ours"
        f" from {relation(entity)} as golden"
        f" where {_governs(field, f'golden.{quoted(field.name)}')}"
        f" golden.{quoted(receiver.key)} in (select * from several)"
        for n, (field, _) in enumerate(pushed)
    )
    return (
        f"with several as (select {quoted(receiver.key)}"
        f" from {relation(entity)}"
        f" where {quoted(receiver.key)} is not null"
        " group by 1 having count(*) > 1)"
        f" select place, record_id from ({apart}) as fields group by place, record_id"
        " having count(distinct coalesce(ours, '')) > 1"
    )


def governed(entity: Entity, receiver: Receiver, pushed: Pushed) -> str:
    """Return the query that counts the values that the golden rows govern."""
    counts = " + ".join(
        "count(*)" if field.clears else f"count(golden.{quoted(field.name)})"
        for field, _ in pushed
    )
    return f"select {counts} {joined(entity, receiver)} where {alive()}"


def _governs(field: Field, ours: str) -> str:
    """Return the condition that the golden value speaks: silence clears nothing."""
    return "" if field.clears else f"{ours} is not null and"


def _differ(column: str, alike: bool) -> str:  # noqa: FBT001 - of one data type
    """Return the condition that a column is not the same on both sides."""
    both = [f"{side}.{quoted(column)}" for side in ("golden", "there")]
    if not alike:
        both = [f"cast({each} as varchar)" for each in both]
    return " is distinct from ".join(both)
