"""A build makes anew what stands on tables that changed: all of that, nothing else."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.changed import changed, remember

DAY = date(2026, 10, 31)
TICKETS, LINKS = "raw_zendesk.tickets", "identity.links"
FILLED = f"""
create schema raw_zendesk;
create schema identity;
create table {TICKETS} as
    select * from (values (1, 'open', '10'), (2, 'open', '10'))
    as rows (id, status, _dlt_load_id);
create table {LINKS} as
    select * from (values ('a', 'golden'), ('b', 'golden'))
    as rows (record_key, golden_id);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Return a warehouse whose models stand on two tables as they are."""
    path = tmp_path / "warehouse.duckdb"
    _execute(path, FILLED)
    work = changed(path, DAY)
    assert work.selection == ["fqn:*"]
    remember(path, work.versions)
    return path


def _execute(path: Path, statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements)


def test_nothing_is_built_where_nothing_changed(warehouse: Path) -> None:
    """The same tables, the same project, the same day: the same rows."""
    assert changed(warehouse, DAY).selection == []


@pytest.mark.parametrize(
    ("happened", "table"),
    [
        (
            f"update {TICKETS} set status = 'x', _dlt_load_id = '11' where id = 1",
            TICKETS,
        ),
        # Two that went the same way must not cancel each other out.
        (f"update {TICKETS} set _dlt_load_id = '11'", TICKETS),
        (f"insert into {TICKETS} values (3, 'open', '10')", TICKETS),
        (f"delete from {TICKETS} where id = 2", TICKETS),
        (f"alter table {TICKETS} add column subject varchar", TICKETS),
        (f"drop table {TICKETS}", TICKETS),
        (f"update {LINKS} set golden_id = 'other' where record_key = 'b'", LINKS),
        (f"delete from {LINKS}", LINKS),
        ("create table raw_zendesk.organizations as select 1 as id", None),
    ],
)
def test_what_stands_on_a_changed_table_is_built(
    warehouse: Path, happened: str, table: str | None
) -> None:
    """Whatever happened to a table, its models are selected, and no other's."""
    _execute(warehouse, happened)

    selected = changed(warehouse, DAY).selection

    assert selected == [f"source:concord.{table or 'raw_zendesk.organizations'}+"]


def test_it_is_built_again_until_it_succeeded(warehouse: Path) -> None:
    """A build that failed wrote nothing down: the next one selects the same."""
    _execute(warehouse, f"delete from {LINKS}")
    first = changed(warehouse, DAY)

    assert changed(warehouse, DAY) == first
    remember(warehouse, first.versions)
    assert changed(warehouse, DAY).selection == []


def test_another_day_builds_everything(warehouse: Path) -> None:
    """Every number is stated for a day."""
    assert changed(warehouse, date(2026, 11, 1)).selection == ["fqn:*"]


def test_another_project_builds_everything(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed file of the dbt project may change any model's rows."""
    model = tmp_path / "stg_model.sql"
    model.write_text("select 1", encoding="utf-8")
    monkeypatch.setattr("orchestration.changed.project_files", lambda: [model])

    assert changed(warehouse, DAY).selection == ["fqn:*"]


def test_whoever_asks_for_everything_gets_it(warehouse: Path) -> None:
    """A person who distrusts what is there has it built whole."""
    assert changed(warehouse, DAY, is_whole=True).selection == ["fqn:*"]
