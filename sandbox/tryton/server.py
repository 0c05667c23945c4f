"""Server: Tryton's database, and its server process on this machine alone.

An empty database with all modules takes Tryton 12 s to make; it is made once per lock
file, kept, and copied for each new company.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from sandbox.tryton import Unready
from sandbox.tryton.install import LOCK, VENV, is_installed

DATABASE = "concord"
ADMINISTRATOR = "admin"
_LOOPBACK = "127.0.0.1"
_MODULES = ("account_invoice", "account_product", "company", "currency", "party")
_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0

# A worker that does not run: printing each invoice as it is posted would take longer
# than everything else, and nobody looks at the print.
_CONFIGURATION = """\
[database]
uri = sqlite://
path = {path}
list = false

[web]
listen = {listen}

[queue]
worker = true
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and how its administrator gets in."""

    url: str
    database: str
    password: str
    log: Path
    process: subprocess.Popen[bytes]

    def environment(self, user: str, password: str) -> dict[str, str]:
        """Return the settings with which the house reaches this server as `user`."""
        return {
            "TRYTON_URL": self.url,
            "TRYTON_DATABASE": self.database,
            "TRYTON_USER": user,
            "TRYTON_PASSWORD": password,
        }

    def wait(self) -> None:
        """Wait until the server process ends, which it does not by itself.

        Raises:
            Unready: it ended.
        """
        self.process.wait()
        raise Unready(
            f"The Tryton server ended by itself; look into {self.log}, then start it"
            " again."
        )


@contextmanager
def running(
    home: Path, *, port: int = 0, venv: Path = VENV, resume: bool = False
) -> Iterator[Server]:
    """Serve a database from `home`; the process ends with the block.

    Args:
        home: holds databases and the log; one server at a time.
        port: on loopback; 0 takes a free one.
        venv: where Tryton is installed.
        resume: whether to go on with the database as it was left, instead of a new,
            empty one.

    Raises:
        Unready: Tryton is not installed, `home` is in use, or the server ends.
    """
    if not is_installed(venv):
        raise Unready(
            f"Tryton is not installed in {venv}, or as another version than the lock"
            " file says; run python -m sandbox.tryton.install, then again."
        )
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with _sole_use(home) as lock:
        data = home / "data"
        if not resume:
            empty = _empty_database(home, venv)
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(empty, data)
        url = f"http://{_LOOPBACK}:{_free_port(port)}"
        log = home / "trytond.log"
        with _process(log, data, url, venv, lock) as process:
            password = (data / "password").read_text(encoding="ascii")
            yield Server(url, DATABASE, password, log, process)


@contextmanager
def _sole_use(home: Path) -> Iterator[IO[str]]:
    """Hold `home` for one server; the server process holds it too, if we are killed."""
    with (home / "lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise Unready(
                f"A Tryton server (process {owner}) already works in {home};"
                " stop it or choose another --home, then run again."
            ) from error
        yield lock


def _empty_database(home: Path, venv: Path) -> Path:
    """Return the folder with the database that has the modules and nothing else."""
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = home / f"empty-{version}"
    if folder.exists():
        return folder
    # It gets its name when it is complete, so that an interruption leaves no half.
    unfinished = home / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    password = unfinished / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24), encoding="ascii")
    (unfinished / f"{DATABASE}.sqlite").touch()
    done = subprocess.run(
        [
            str(venv / "bin" / "trytond-admin"),
            *("--config", str(_configured(unfinished, f"{_LOOPBACK}:0"))),
            *("--database", DATABASE, "--email", "admin@concord.test"),
            *("--activate-dependencies", "--update", *_MODULES),
        ],
        env=_environment() | {"TRYTONPASSFILE": str(password)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unready(
            f"Tryton could not make a database in {home}: {_last_line(done.stderr)};"
            " check the disk and its permissions, then run again."
        )
    unfinished.rename(folder)
    return folder


@contextmanager
def _process(
    log: Path, data: Path, url: str, venv: Path, lock: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    configuration = _configured(data, url.removeprefix("http://"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(venv / "bin" / "trytond"),
                *("--config", str(configuration), "--database", DATABASE),
            ],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[lock.fileno()],
            # Ctrl-C is ours: we stop the server when we have stopped using it.
            start_new_session=True,
        )
    try:
        lock.truncate(0)
        lock.write(str(process.pid))
        lock.flush()
        _await_ready(process, url, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    question = {"method": "common.server.version", "params": []}
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = _last_line(log.read_text(encoding="utf-8", errors="replace"))
            raise Unready(
                f"The Tryton server ended at once: {said}; look into {log}, then run"
                " again."
            )
        try:
            if httpx.post(f"{url}/rpc/", json=question).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise Unready(
        f"The Tryton server at {url} was not ready within {_READY_SECONDS:.0f} s;"
        f" look into {log}, then run again."
    )


def _configured(folder: Path, listen: str) -> Path:
    configuration = folder / "trytond.conf"
    text = _CONFIGURATION.format(path=folder, listen=listen)
    configuration.write_text(text, encoding="utf-8")
    return configuration


def _environment() -> dict[str, str]:
    """Return our environment without what would change Tryton's configuration."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRYTON", "PYTHON")) and name != "TZ"
    }


def _free_port(port: int) -> int:
    """Return the port, or a free one for 0.

    Where another server answered there, it would be taken for ours.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except (OSError, OverflowError) as error:
            raise Unready(
                f"Tryton cannot use port {port} ({error}); choose another --port, or 0"
                " for a free one, then run again."
            ) from error
        return int(probe.getsockname()[1])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else "it said nothing"
