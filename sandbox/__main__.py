"""Start the sandbox: `python -m sandbox`; prints one JSON line when it is ready.

The vendors' clock is the wall's, or begins at the end of the company's last day where
that lies in the future: stamps must never run backwards.
"""

import argparse
import signal
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import credentials
from sandbox.server import LOOPBACK, application, listener, server
from sandbox.store import Store
from sandbox.wire import dump
from sandbox.world import build_world
from sandbox.zendesk.api import VENDOR_EXPORT_LAG_SECONDS


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK, help="127.0.0.1 and no other")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same company")
    parser.add_argument("--customers", type=int, default=400, help="with a contract")
    parser.add_argument("--months", type=int, default=24, help="of history")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=date(2026, 10, 31), help="last day"
    )
    parser.add_argument(
        "--home",
        type=Path,
        default=Path(".concord/sandbox"),
        help="for NetSuite's key and what was written",
    )
    parser.add_argument("--disorder", choices=["none", "default"], default="default")
    parser.add_argument(
        "--export-lag",
        type=int,
        default=0,
        metavar="SECONDS",
        help="leave younger records out of Zendesk's exports, as Zendesk does "
        f"({VENDOR_EXPORT_LAG_SECONDS}); 0 shows a write at once",
    )
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Serve until asked to stop; return the exit status."""
    wanted = arguments(given)
    if wanted.host != LOOPBACK:
        return _refused(f"The sandbox serves {LOOPBACK} only, not {wanted.host}.")
    try:
        bound = listener(wanted.port)
    except (OSError, OverflowError) as error:
        return _refused(f"The sandbox cannot use port {wanted.port}: {error}.")
    last_day_over = datetime.combine(wanted.as_of + timedelta(days=1), time(), UTC)
    wanted.home.mkdir(parents=True, exist_ok=True)
    store = Store(
        {}, Clock(max(datetime.now(UTC), last_day_over)), wanted.home / "sandbox.sqlite"
    )
    company = f"{wanted.seed}/{wanted.customers}/{wanted.months}/{wanted.as_of}"
    try:
        fill(store, wanted, f"{company}/{wanted.disorder}")
    except ValueError as error:
        return _refused(f"The sandbox cannot serve this company: {error}")
    keys = credentials(wanted.seed)
    app = application(store, keys, export_lag_seconds=wanted.export_lag)
    url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
    environment = keys.environment(url, wanted.home)

    def ready() -> None:
        line = dump({"url": url, "environment": environment}).decode()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    # uvicorn stops in good order on both signals and then raises them again for
    # whoever started it; a clean stop is no failure here.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    server(app, ready).run(sockets=[bound])
    return 0


def fill(store: Store, wanted: argparse.Namespace, company: str) -> None:
    """Put the company into the store, unless it is there already.

    Raises:
        ValueError: the company cannot be built, or another one is there.
    """
    if store.belong_to(company):
        return
    world = build_world(
        wanted.seed,
        wanted.customers,
        wanted.months,
        wanted.as_of,
        disorder=wanted.disorder == "default",
    )
    with store.transaction():
        enter(store, world)
        store.remember("company", company)


def _refused(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
