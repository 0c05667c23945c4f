"""A home keeps its files apart, its lock single and its disk from filling up."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration.home import NotReadyError, only_one, open_home, require_space
from orchestration.servers import announced


def ends(process: int, within: float) -> bool:
    """Wait until a process of nobody's is gone, or only its entry is left."""
    stat = Path(f"/proc/{process}/stat")
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_without_a_word_the_home_is_the_demo(tmp_path: Path) -> None:
    """Real systems are reached only when somebody asked for them."""
    home = open_home({"CONCORD_HOME": str(tmp_path)})

    assert home.is_invented
    assert home.folder == tmp_path / "demo"


def test_each_environment_has_its_own_folder(tmp_path: Path) -> None:
    """A demo can never touch the stores of real accounts."""
    environ = {"CONCORD_HOME": str(tmp_path), "CONCORD_ENV": "prod"}

    home = open_home(environ)

    assert home.folder == tmp_path / "prod"
    assert not home.is_invented


def test_a_second_run_is_told_to_wait(tmp_path: Path) -> None:
    """Two runs on one home would plan on each other's half-built tables."""
    home = open_home({"CONCORD_HOME": str(tmp_path)})

    with (
        only_one(home, "the demo"),
        pytest.raises(
            NotReadyError, match=f"the demo .process {os.getpid()}. is using"
        ),
        only_one(home, "the demo"),
    ):
        pass


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    """A killed run leaves nothing to clean up by hand."""
    home = open_home({"CONCORD_HOME": str(tmp_path)})
    holder = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import os, sys; from pathlib import Path;"
                "from orchestration.home import Home, only_one;"
                "held = only_one(Home(Path(sys.argv[1]), 'demo', {}), 'x');"
                "held.__enter__(); os.kill(os.getpid(), 9)"
            ),
            str(home.folder),
        ],
        check=False,
    )

    with only_one(home, "the demo"):
        entered = True

    assert holder.returncode == -9
    assert entered


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path) -> None:
    """A run that would fill the disk does not begin."""
    with pytest.raises(NotReadyError, match="free some space"):
        require_space(tmp_path, needed=2**62)


def test_a_server_that_dies_names_its_last_words(tmp_path: Path) -> None:
    """The person sees why, not a time-out."""
    dying = ["-c", "import sys; sys.exit('the port is taken')"]

    with (
        pytest.raises(NotReadyError, match="the port is taken"),
        announced("sandbox", dying, tmp_path / "log", ready_seconds=20),
    ):
        pass


def test_a_server_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    """No child outlives the command that started it."""
    script = (
        "import json, os, subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c',"
        "'import time; time.sleep(9)']);"
        "print(json.dumps({'child': child.pid}), flush=True); time.sleep(60)"
    )

    with announced("server", ["-c", script], tmp_path / "log", 20) as ready:
        child = int(json.loads(json.dumps(ready))["child"])

    assert ends(child, within=5.0)
