"""Groups of customers, under today's customers and as long as they lasted."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

START = datetime(2026, 1, 1, tzinfo=UTC)
Span = tuple[str, str, int, int, int | None]  # above, below, depth, from and to month


def month(number: int | None) -> datetime | None:
    """Return the first instant of a month of the year."""
    return None if number is None else START.replace(month=number)


@pytest.fixture
def followed(dbt: Any, tmp_path: Path) -> Callable[..., list[Span]]:
    """Return a function that builds the model over a few spans and redirects."""

    def built(spans: list[Span], redirects: dict[str, str]) -> list[Span]:
        warehouse = tmp_path / "warehouse.duckdb"
        with closing(duckdb.connect(str(warehouse))) as connection:
            connection.execute(
                "create schema identity; create table identity.hierarchy (ancestor_id"
                " varchar, descendant_id varchar, depth integer, basis varchar,"
                " valid_from timestamptz, valid_to timestamptz); create table"
                " identity.redirects (golden_id varchar, redirect_to varchar)"
            )
            for above, below, depth, begun, ended in spans:
                connection.execute(
                    "insert into identity.hierarchy values (?, ?, ?, 'sales', ?, ?)",
                    [above, below, depth, month(begun), month(ended)],
                )
            for led in redirects.items():
                connection.execute("insert into identity.redirects values (?, ?)", led)
        (result,) = dbt.run(
            "run", "--select", "customer_hierarchies", warehouse=warehouse
        )
        assert str(result.status) == "success", result.message
        with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
            return connection.execute(
                "select ancestor_id, descendant_id, depth,"
                " month(valid_from at time zone 'UTC'),"
                " month(valid_to at time zone 'UTC')"
                " from canonical.customer_hierarchies order by all"
            ).fetchall()

    return built


def test_whoever_was_merged_stood_there_under_the_other_s_id(
    followed: Callable[..., list[Span]],
) -> None:
    """What overlaps becomes one stretch, what does not stays two, nobody is above self.

    m became a and q became p. a and m both stood below p, m a step further; b moved
    away and came back; c came closer, which is no overlap.
    """
    spans: list[Span] = [
        ("p", "a", 1, 3, None),
        ("p", "m", 2, 1, 5),
        ("p", "b", 1, 1, 2),
        ("q", "b", 1, 4, 6),
        ("p", "c", 2, 1, 4),
        ("p", "c", 1, 4, None),
        ("a", "m", 1, 1, 3),
        ("p", "q", 1, 1, None),
    ]

    found = followed(spans, {"m": "a", "q": "p"})

    assert found == [
        ("p", "a", 1, 1, None),
        ("p", "b", 1, 1, 2),
        ("p", "b", 1, 4, 6),
        ("p", "c", 1, 4, None),
        ("p", "c", 2, 1, 4),
    ]


def test_a_group_is_all_that_its_accounts_say(rich: Any) -> None:
    """The parents of the accounts, followed to the top in Python, are the closure."""
    parents = dict(
        rich.rows(
            "select below.customer_id, above.customer_id from raw_salesforce.accounts"
            " inner join canonical.customer_records as below on below.record_id = id"
            " inner join canonical.customer_records as above"
            " on above.record_id = parent_id where not is_deleted"
        )
    )
    expected = set()
    for child, parent in parents.items():
        depth, above = 1, parent
        while above is not None:
            expected.add((above, child, depth))
            depth, above = depth + 1, parents.get(above)

    found = rich.rows(
        "select ancestor_id, descendant_id, depth from canonical.customer_hierarchies"
        " where basis = 'sales' and valid_to is null"
    )

    assert expected
    assert set(found) == expected
    assert len(found) == len(expected)
