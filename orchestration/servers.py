"""Servers: child processes that this process starts, waits for and stops."""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.home import ROOT, NotReadyError

STOP_SECONDS = 10.0


@contextmanager
def announced(
    name: str, command: Sequence[str], log: Path, ready_seconds: float
) -> Iterator[Mapping[str, Any]]:
    """Start a server that announces itself with one JSON line; stop it on leaving.

    Args:
        name: What to call it in a message.
        command: Arguments after the Python interpreter.
        log: Where its error output goes.
        ready_seconds: How long it may take to announce itself.

    Raises:
        NotReadyError: it ended or stayed silent; the text ends with its last words.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        yield _announcement(name, process, log, ready_seconds)
    finally:
        stop(process)


@contextmanager
def serving(
    command: Sequence[str], log: Path, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server that people open in a browser; stop it on leaving."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=dict(environ),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """End a server and whatever it started: politely first, then at once."""
    # Both signals, always: the group may outlive its first process.
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    if process.stdout is not None:
        process.stdout.close()


def free_port(wanted: int) -> int:
    """Return the wanted loopback port, or a free one when somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotReadyError("No loopback port is free: stop a server and start again.")


def wait_until_open(
    port: int, process: subprocess.Popen[bytes], seconds: float
) -> bool:
    """Wait until a server answers on its port; False when it ended or stayed silent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False


def _announcement(
    name: str, process: subprocess.Popen[str], log: Path, ready_seconds: float
) -> Mapping[str, Any]:
    assert process.stdout is not None  # noqa: S101  # we asked for the pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(ready_seconds) else ""
    if not line.strip():
        last = log.read_text(encoding="utf-8").strip().splitlines()
        words = last[-1] if last else "it said nothing"
        raise NotReadyError(f"The {name} did not start: {words} (its log: {log})")
    answer: Mapping[str, Any] = json.loads(line)
    return answer
