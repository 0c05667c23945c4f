"""Receiving: the command `concord receive` as its own process, for tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

_ROOT = Path(__file__).parents[2]
_COMMAND = "from orchestration.cli import main; main()"
READY_SECONDS = 60.0


class Receiver:
    """A receiver on this machine that can be ended, killed and started again."""

    def __init__(self, home: Path) -> None:
        """Choose a port; nothing listens yet."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.home = home
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def operations(self) -> Path:
        """The file that holds what was taken."""
        return self.home / "test" / "operations.sqlite"

    def start(self, secrets: Mapping[str, str]) -> None:
        """Start it with these secrets and wait until it answers."""
        environ = {
            **os.environ,
            "CONCORD_ENV": "test",
            "CONCORD_HOME": str(self.home),
            "CONCORD_WEBHOOKS_PORT": str(self.port),
            **secrets,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "receive"],
            cwd=_ROOT,
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.health()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the receiver did not start")

    def health(self) -> dict[str, Any]:
        """Ask it how it is."""
        answer = httpx.get(f"{self.url}/health", trust_env=False, timeout=10)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None
