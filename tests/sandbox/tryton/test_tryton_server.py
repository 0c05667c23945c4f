"""Starting Tryton: one command, one ready line, one clear sentence when it cannot."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion import tryton
from ingestion.readings import Batch
from sandbox.tryton import Unready
from sandbox.tryton.install import LOCK, VENV
from sandbox.tryton.server import running
from tests.conftest import SandboxProcess
from tests.sandbox.tryton.support import Real
from tests.walking import walked

_ROOT = Path(__file__).parents[3]


def start(*options: object) -> subprocess.Popen[str]:
    """Start `python -m sandbox.tryton`."""
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.tryton", *map(str, options)],
        cwd=_ROOT,
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_one_command_serves_the_company_of_the_sandbox(
    tryton_home: Path, tmp_path: Path, sandbox_small: SandboxProcess
) -> None:
    """The ready line is all that a reader needs; a second start goes on as it was."""
    for empty in tryton_home.glob("empty-*"):
        (tmp_path / empty.name).symlink_to(empty)
    invoices = sandbox_small.records("netsuite", "invoice")
    process = start("--home", tmp_path, "--sandbox-url", sandbox_small.url)
    assert process.stdout is not None

    ready: dict[str, Any] = json.loads(process.stdout.readline())
    with tryton.client(ready["environment"]) as rest:
        arrived = [each for each in walked(tryton, rest) if isinstance(each, Batch)]
    process.terminate()
    _, told = process.communicate(timeout=30)

    read = {
        (document["reference"], document["number"])
        for each in arrived
        if each.stream == "invoices"
        for document in each.documents
    }
    again = start("--home", tmp_path, "--sandbox-url", "http://127.0.0.1:9")
    assert again.stdout is not None
    resumed: dict[str, Any] = json.loads(again.stdout.readline())
    with tryton.client(resumed["environment"]) as rest:
        kept = [each for each in walked(tryton, rest) if isinstance(each, Batch)]
    again.terminate()
    again.communicate(timeout=30)

    assert kept == arrived
    assert resumed["entered"] == ready["entered"]
    assert read == {(each["externalid"], each["tranid"]) for each in invoices}
    assert process.returncode == 0
    assert f"{len(invoices)} of {len(invoices)} invoices entered" in told
    with pytest.raises(httpx.ConnectError):
        httpx.post(ready["url"])


def test_without_a_sandbox_tryton_says_what_to_start(tmp_path: Path) -> None:
    """An address where nobody answers is one sentence, and nothing is begun."""
    process = start("--home", tmp_path / "home", "--sandbox-url", "http://127.0.0.1:9")

    printed, told = process.communicate(timeout=60)

    assert process.returncode == 1
    assert printed == ""
    assert len(told.splitlines()) == 1
    assert "start it with python -m sandbox" in told
    assert not (tmp_path / "home").exists()


def test_an_environment_without_tryton_is_told_apart(tmp_path: Path) -> None:
    """A missing or half-made environment names the command that makes it."""
    absent = tmp_path / "venv"
    with (
        pytest.raises(Unready, match=r"run python -m sandbox.tryton\.install"),
        running(tmp_path / "home", venv=absent),
    ):
        pass


@pytest.mark.slow
def test_two_tryton_servers_do_not_share_a_home(real: Real, tryton_home: Path) -> None:
    """The second is turned away with the process that is there, and harms nothing."""
    with (
        pytest.raises(Unready, match=rf"process {real.server.process.pid}\) already"),
        running(tryton_home),
    ):
        pass

    assert real.party("cus_1")["name"] == "Aldridge Inc."


@pytest.mark.slow
def test_a_port_that_is_taken_is_told(
    tryton_home: Path, tmp_path: Path, real: Real
) -> None:
    """Whoever answers there is not taken for the new server."""
    port = int(real.server.url.rpartition(":")[2])
    for empty in tryton_home.glob("empty-*"):
        (tmp_path / empty.name).symlink_to(empty)

    with (
        pytest.raises(Unready, match=f"cannot use port {port}"),
        running(tmp_path, port=port),
    ):
        pass


@pytest.mark.slow
@pytest.mark.usefixtures("real")  # whoever comes first makes the empty database
def test_a_server_that_ends_at_once_is_quoted(
    tryton_home: Path, tmp_path: Path
) -> None:
    """Where the installed program is damaged, its last words are in the sentence."""
    broken = tmp_path / "venv"
    (broken / "bin").mkdir(parents=True)
    shutil.copy(VENV / "installed", broken)
    program = broken / "bin" / "trytond"
    program.write_text("#!/bin/sh\necho library lost >&2\nexit 1\n")
    program.chmod(0o755)
    for empty in tryton_home.glob("empty-*"):
        (tmp_path / empty.name).symlink_to(empty)

    with (
        pytest.raises(Unready, match="ended at once: library lost; look into"),
        running(tmp_path, venv=broken),
    ):
        pass


def test_the_lock_file_pins_one_series_with_hashes() -> None:
    """All modules of Tryton are of one series, and no package comes without a hash."""
    pins = [line for line in LOCK.read_text().splitlines() if "==" in line]
    versions = [
        line.split("==")[1].split(" ")[0] for line in pins if line.startswith("trytond")
    ]

    assert len({".".join(version.split(".")[:2]) for version in versions}) == 1
    assert all(line.endswith("\\") for line in pins)
