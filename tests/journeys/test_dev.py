"""`concord dev`: everything a person opens is there, and gone when it is stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = Path(sys.executable).with_name("concord")


def test_dev_serves_people_until_it_is_stopped(tmp_path: Path) -> None:
    """Sandbox, receiver, Dagster UI and dashboard answer; afterwards nobody does."""
    dev = subprocess.Popen(
        [COMMAND, "dev"],
        env={**os.environ, "CONCORD_HOME": str(tmp_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert dev.stdout is not None
    addresses: list[str] = []
    line = ""
    for line in dev.stdout:
        addresses += re.findall(r"http://127\.0\.0\.1:\d+", line)
        if "Ctrl-C" in line:
            break
    assert "Ctrl-C" in line, line  # otherwise its last words say why it ended

    sandbox, receiver, *pages = addresses
    answers = [httpx.get(address, timeout=60).status_code for address in pages]
    health = httpx.get(f"{receiver}/health").json()
    truth = httpx.get(f"{sandbox}/_sandbox/truth").json()
    dev.send_signal(signal.SIGTERM)
    dev.wait(timeout=60)

    assert answers == [200, 200]
    assert health["refused"] == {}
    assert len(truth["planted"]) == 28
    assert all(falls_silent(address) for address in addresses)


def falls_silent(address: str) -> bool:
    """Wait until nobody answers at an address any more."""
    for _ in range(50):
        try:
            httpx.get(address, timeout=1)
        except httpx.TransportError:
            return True
        time.sleep(0.2)
    return False
