"""The event log keeps its connections, and all that Dagster would keep."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest

from orchestration.event_log import KEPT, EventLog


@dg.asset
def counted() -> dg.MaterializeResult:
    """An asset with something to tell."""
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Return an instance that keeps its events in our log."""
    (tmp_path / "dagster.yaml").write_text(
        "telemetry: {enabled: false}\n"
        "event_log_storage:\n"
        "  module: orchestration.event_log\n"
        "  class: EventLog\n"
        f"  config: {{base_dir: {tmp_path}/history/runs}}\n",
        encoding="utf-8",
    )
    with dg.DagsterInstance.from_config(str(tmp_path)) as opened:
        assert isinstance(opened.event_log_storage, EventLog)
        yield opened


def _run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([counted], instance=instance).run_id


def test_every_run_is_read_back_whole(instance: dg.DagsterInstance) -> None:
    """More runs than files stay open: of each, Dagster still shows every event."""
    runs = [_run(instance) for _ in range(KEPT + 2)]
    alone = dg.DagsterInstance.ephemeral()
    events = len(alone.all_logs(_run(alone)))

    assert [len(instance.all_logs(run)) for run in runs] == [events] * len(runs)
    shown = instance.fetch_materializations(dg.AssetKey("counted"), limit=99).records
    assert [record.run_id for record in shown] == runs[::-1]


def test_threads_and_other_processes_see_one_log(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The UI's server reads what a run writes, with a log of its own on the files."""
    run = _run(instance)

    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: len(instance.all_logs(run)), range(20)))
    with dg.DagsterInstance.from_config(str(tmp_path)) as other:
        assert set(read) == {len(other.all_logs(run))}


def test_a_deleted_run_is_gone(instance: dg.DagsterInstance) -> None:
    """What a person deletes in the UI comes back from no open file."""
    kept, deleted = _run(instance), _run(instance)

    instance.delete_run(deleted)

    assert instance.all_logs(deleted) == []
    assert instance.all_logs(kept)
