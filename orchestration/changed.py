"""Changed: a build makes anew what stands on tables that changed, and nothing else.

A model is a function of the project, of the day it is stated for, and of the tables
that it is made from. Which versions of them the last whole build was made from stands
in the warehouse itself; after a build that failed it still says what it said before,
so the next one makes the same models again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from dbt.version import installed

from orchestration.build import Event, build, manifest_path, project_files

_CREATE = """
create schema if not exists built;
create table if not exists built.versions (name varchar primary key, version varchar)
"""
_COLUMNS = """
select schema_name || '.' || table_name,
    string_agg(column_name, ' ' order by column_index)
from duckdb_columns() where not internal group by schema_name, table_name
"""
# A load writes its own number into each row that it changes.
_LOAD = "_dlt_load_id"


@dataclass(frozen=True, slots=True)
class Versions:
    """What a build is made from.

    Attributes:
        project: a hash of the dbt project, the day, and what computes.
        tables: of each table that models read, by its name with the schema, a number
            that differs when any row does; none where there is no such table.
    """

    project: str
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Work:
    """What has to be built.

    Attributes:
        tables: the tables that changed, by their names with the schema; none where
            every model has to be built, whatever it is made from.
        versions: what the models are made from once that is done.
    """

    tables: frozenset[str] | None
    versions: Versions

    @property
    def selection(self) -> list[str]:
        """Return dbt's words for it; none, if there is nothing to do."""
        if self.tables is None:
            return ["fqn:*"]
        return [f"source:concord.{name}+" for name in sorted(self.tables)]


def changed(warehouse: Path, as_of: date, *, is_whole: bool = False) -> Work:
    """Find out what has to be built; everything, if `is_whole`.

    The table that a model makes is not looked at: who drops one asks for a whole build.

    Raises:
        BuildFailedError: the project does not parse.
    """
    with duckdb.connect(str(warehouse)) as connection:
        now = _now(connection, as_of)
        before = _before(connection)
    if is_whole or before is None or before.project != now.project:
        return Work(None, now)
    differing = (
        name
        for name in now.tables.keys() | before.tables.keys()
        if now.tables.get(name) != before.tables.get(name)
    )
    return Work(frozenset(differing), now)


def build_changed(warehouse: Path, as_of: date, work: Work) -> Iterator[Event]:
    """Build what has to be, and yield dbt's structured events as they come.

    Raises:
        BuildFailedError: a node failed; what was built from is not written down then.
    """
    if work.selection:
        yield from build(warehouse, as_of, ["--select", *work.selection])
        remember(warehouse, work.versions)


def remember(warehouse: Path, versions: Versions) -> None:
    """Write down what all models are made from now."""
    rows = [("", versions.project), *versions.tables.items()]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"begin; {_CREATE}; delete from built.versions")
        connection.executemany("insert into built.versions values (?, ?)", rows)
        connection.execute("commit")


def _before(connection: duckdb.DuckDBPyConnection) -> Versions | None:
    connection.execute(_CREATE)
    rows = dict(connection.execute("from built.versions").fetchall())
    project = rows.pop("", None)
    return None if project is None else Versions(project, rows)


def _now(connection: duckdb.DuckDBPyConnection, as_of: date) -> Versions:
    there = dict(connection.execute(_COLUMNS).fetchall())
    return Versions(
        _project(as_of),
        {
            name: _version(connection, name, there[name])
            for name in _sources()
            if name in there
        },
    )


def _version(connection: duckdb.DuckDBPyConnection, name: str, columns: str) -> str:
    """Return a table's columns, how many rows it has, and the sum of their hashes."""
    hashed = _LOAD if _LOAD in columns.split() else "each_row"
    ((rows, total),) = connection.execute(
        f"select count(*), sum(hash({hashed})) from {name} as each_row"
    ).fetchall()
    named = hashlib.sha256(columns.encode()).hexdigest()[:8]
    return f"{named} {rows} {total or 0:.0f}"


def _sources() -> list[str]:
    manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
    return sorted(
        f"{source['schema']}.{source['identifier']}"
        for source in manifest["sources"].values()
    )


def _project(as_of: date) -> str:
    """Return a hash of everything besides tables that a model's rows depend on."""
    computing = f"{as_of} {installed.to_version_string()} {duckdb.__version__}"
    hashed = hashlib.sha256(computing.encode())
    for path in project_files():
        hashed.update(path.name.encode() + path.read_bytes())
    return hashed.hexdigest()
