"""Start the sandbox: `python -m sandbox`; prints one JSON line when it is ready.

The vendors' clock is the wall's, or begins at the end of the company's last day where
that lies in the future: stamps must never run backwards.
"""

import signal
import socket
import sqlite3
import sys

from sandbox.credentials import credentials
from sandbox.door import Authority
from sandbox.filling import UnfinishedError, open_store
from sandbox.home import HeldError, hold
from sandbox.options import LOOPBACK, Options, options
from sandbox.server import CA_FILE, application, door, listener, server
from sandbox.store import Store
from sandbox.vendors import environment
from sandbox.wire import dump

DATABASE = "sandbox.sqlite"  # below the sandbox's home
IN_USE = 1  # the exit status where another sandbox works in the home


def main(given: list[str] | None = None) -> int:
    """Serve until asked to stop; return the exit status."""
    wanted = options(given)
    try:
        # Before anything else: two processes would write into one database.
        lock = hold(wanted.home)
        bound = _bound(wanted.port)
        third = _bound(wanted.door_port)
        store = _store(wanted)
        keys = credentials(wanted.plan.seed, wanted.home)
        authority = Authority(wanted.home / CA_FILE)
    except HeldError as error:
        return _refused(str(error), IN_USE)
    except ValueError as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"The sandbox cannot work in {wanted.home}: {error}")
    except KeyboardInterrupt:
        return 130  # as a shell says of whoever was interrupted
    app = application(store, keys, export_lag_seconds=wanted.export_lag)
    hosts = door(app, third, authority)
    told = {
        "url": f"http://{LOOPBACK}:{bound.getsockname()[1]}",
        "door": hosts.url,
        "environment": environment(keys, wanted.home) | hosts.environment(),
    }

    def ready() -> None:
        line = dump(told).decode()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    # uvicorn stops in good order on both signals and then raises them again for
    # whoever started it; a clean stop is no failure here.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    server(app, ready, hosts).run(sockets=[bound])
    store.close()
    lock.close()
    return 0


def _store(wanted: Options) -> Store:
    """Return the company's store, at least as late as when it was last written to.

    Raises:
        ValueError: it cannot be had; says why in one sentence.
    """
    home = wanted.home
    try:
        store = open_store(
            wanted.plan, wanted.clock, home / DATABASE, wanted.workers, _tell
        )
    except ValueError as error:
        sentence = f"The sandbox cannot serve this company: {error}"
        raise ValueError(sentence) from error
    except (OSError, sqlite3.Error, UnfinishedError) as error:
        raise ValueError(f"The sandbox cannot work in {home}: {error}") from error
    if wanted.conditions:
        store.set_conditions(wanted.conditions)
    return store


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _bound(port: int) -> socket.socket:
    """Return a socket bound to the port; ValueError if it cannot be had."""
    try:
        return listener(port)
    except (OSError, OverflowError) as error:
        raise ValueError(f"The sandbox cannot use port {port}: {error}.") from error


def _refused(sentence: str, status: int = 2) -> int:
    sys.stderr.write(sentence + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
