"""Start a Tryton server with the company in it: `python -m sandbox.tryton`.

Prints one JSON line when it is ready, as `python -m sandbox` does, and serves until it
is asked to stop. What takes long is told on standard error.
"""

import argparse
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from sandbox.tryton import Unready
from sandbox.tryton.api import Api
from sandbox.tryton.books import add_user
from sandbox.tryton.install import VENV
from sandbox.tryton.seed import Erp, enter, read_erp
from sandbox.tryton.server import ADMINISTRATOR, Server, running


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.tryton", description=__doc__
    )
    parser.add_argument(
        "--home", type=Path, default=Path(".concord/tryton"), help="database and log"
    )
    parser.add_argument(
        "--sandbox-url", required=True, help="whose NetSuite records are entered"
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--venv", type=Path, default=VENV, help="with Tryton in it")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Serve until asked to stop; return the exit status."""
    wanted = arguments(given)
    # Asked to stop at any moment, the server process is stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(wanted.home, wanted.sandbox_url, wanted.port, wanted.venv)
    except KeyboardInterrupt:
        return 0
    except Unready as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(
            f"Tryton cannot work in {wanted.home} ({error.strerror or error}); check"
            " the disk and its permissions, then run again."
        )
    return 0


def serve(home: Path, sandbox_url: str, port: int, venv: Path) -> None:
    """Start the server, enter the company, say so, and wait for the server's end.

    A home in which a company was entered goes on as it was left.

    Raises:
        Unready: something is missing, not accepted, or the server ended.
        OSError: the disk is full or not ours.
    """
    kept = home / "entered.json"
    known = kept.exists()
    erp = None if known else read_erp(sandbox_url)
    _tell("Tryton: the server starts; the first time its database takes 15 s")
    with running(home, port=port, venv=venv, resume=known) as server:
        if erp is not None:
            # It gets its name when all is entered: an interruption begins anew.
            part = home / "entered.part"
            part.touch(mode=0o600)
            part.write_bytes(orjson.dumps(_enter(server, erp)))
            part.rename(kept)
        told = orjson.loads(kept.read_bytes())
        ready = {
            "url": server.url,
            "environment": server.environment(*told["user"]),
            "entered": told["entered"],
        }
        sys.stdout.write(orjson.dumps(ready).decode() + "\n")
        sys.stdout.flush()
        server.wait()


def _enter(server: Server, erp: Erp) -> dict[str, Any]:
    """Enter the company and make the house's own user; says what a restart needs."""
    with Api(server.url, server.database) as api:
        administrator = api.login(ADMINISTRATOR, server.password)
        entered = enter(api, administrator, erp, _tell)
        user = add_user(api, entered.company)
    return {"entered": asdict(entered), "user": user}


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _failed(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
