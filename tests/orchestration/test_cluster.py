"""What `make cluster` says is equal is equal, and what it needs it asks for."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from ingestion.raw.landing import land
from orchestration.cluster.equal import Compared, compare
from orchestration.cluster.servers import Cluster, java
from orchestration.home import NotReadyError

AMOUNTS = "create table marts.amounts (customer_id varchar, amount_minor bigint)"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Return a file with one mart of three rows, one of them twice."""
    file = tmp_path / "reference.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create schema marts; {AMOUNTS}")
        connection.execute(
            "insert into marts.amounts values ('a', 1), ('a', 1), ('b', null)"
        )
    return file


@pytest.mark.parametrize(
    ("rows", "differing"),
    [
        ("('b', null), ('a', 1), ('a', 1)", 0),
        ("('a', 1), ('b', null)", 1),
        ("('a', 1), ('a', 2), ('b', null)", 2),
        ("('a', 1), ('a', 1), ('b', 0)", 2),
    ],
)
def test_every_row_that_only_one_engine_made_is_counted(
    reference: Path, tmp_path: Path, rows: str, differing: int
) -> None:
    """The order is no difference; a value, a null and a repetition are."""
    _written(tmp_path, f"select customer_id, minor::bigint as amount_minor {_of(rows)}")

    (compared,) = compare(reference, tmp_path / "tables")

    assert compared.rows == 3
    assert compared.differing == differing


def test_a_column_of_another_type_is_no_equal_table(
    reference: Path, tmp_path: Path
) -> None:
    """Numbers that happen to be the same are not enough."""
    rows = "('a', 1), ('a', 1), ('b', null)"
    _written(tmp_path, f"select customer_id, minor as amount_minor {_of(rows)}")

    (compared,) = compare(reference, tmp_path / "tables")

    assert compared.types == ("amount_minor BIGINT is amount_minor INTEGER",)
    assert not compared.is_equal


def test_a_table_that_was_not_built_is_no_equal_table(
    reference: Path, tmp_path: Path
) -> None:
    """Where nothing is there nothing is the same."""
    assert compare(reference, tmp_path / "tables") == [
        Compared("marts.amounts", 3, None)
    ]


def test_a_column_more_is_no_equal_table(reference: Path, tmp_path: Path) -> None:
    """A column that only one side has is named."""
    _written(
        tmp_path, "select 'a' as customer_id, 1::bigint as amount_minor, 1 as more"
    )

    (compared,) = compare(reference, tmp_path / "tables")

    assert compared.types == ("more INTEGER on one side",)
    assert not compared.is_equal


def _of(rows: str) -> str:
    return f"from (values {rows}) as rows(customer_id, minor)"


def _written(tmp_path: Path, query: str) -> None:
    """Write a table as Spark leaves it: a folder with a part and a mark."""
    folder = tmp_path / "tables" / "marts.db" / "amounts"
    folder.mkdir(parents=True)
    (folder / "_SUCCESS").touch()
    part = folder / "part-00000-1.snappy.parquet"
    duckdb.execute(f"copy ({query}) to '{part}' (format parquet)")


def test_raw_tables_land_with_their_types_and_the_empty_ones_too(
    tmp_path: Path,
) -> None:
    """What Spark reads is what ingestion loaded, to the last digit."""
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema raw_x; create schema other;"
            "create table other.unread (id varchar);"
            "create table raw_x.nothing (id varchar, seen timestamptz);"
            "create table raw_x.invoices as select 'i1' as id,"
            " 12345678901234567890.123456789::decimal(38, 9) as amount,"
            " timestamptz '2026-01-31 23:30:00+00' as at, null::varchar as note"
        )

    for _ in range(2):  # landing again replaces
        landed = land(warehouse, str(tmp_path / "raw"), tmp_path)

    assert landed == {"raw_x": ["invoices", "nothing"]}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for name in landed["raw_x"]:
            here = f"read_parquet('{tmp_path}/raw/raw_x/{name}/*.parquet')"
            assert (
                connection.execute(f"describe from {here}").fetchall()
                == connection.execute(f"describe from raw_x.{name}").fetchall()
            )
            assert (
                connection.execute(f"from {here}").fetchall()
                == connection.execute(f"from raw_x.{name}").fetchall()
            )


def test_without_java_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine without Java is told so before anything is started."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NotReadyError, match=r"No java was found\. Spark needs Java 17"):
        java()


def test_an_old_java_is_named_with_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Java 11 is found, and refused by its number."""
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(NotReadyError, match=r"is version 11\.0\.2\. Spark needs"):
        java()


def test_a_killed_worker_takes_its_executors_along() -> None:
    """SIGKILL reaches the whole group: no orphan goes on with the work."""
    command = "import subprocess, sys, time;"
    command += "child = subprocess.Popen([sys.executable, '-c', 'import time;"
    command += " time.sleep(60)']); print(child.pid, flush=True); time.sleep(60)"
    worker = subprocess.Popen(
        [sys.executable, "-c", command], stdout=subprocess.PIPE, start_new_session=True
    )
    assert worker.stdout is not None
    child = int(worker.stdout.readline())

    Cluster("spark://127.0.0.1:7077", (worker,)).kill(0)

    worker.stdout.close()
    deadline = time.monotonic() + 20
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert worker.returncode == -9
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text(encoding="ascii").split()[2] != "Z"
