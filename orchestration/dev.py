"""Dev: everything on loopback: sandbox, receiver of webhooks, Dagster, dashboard."""

import contextlib
import os
import time

from rich.console import Console

from orchestration.demo import demo_again
from orchestration.home import (
    Home,
    NotReadyError,
    only_one,
    open_home,
    require_space,
)
from orchestration.loop import instance
from orchestration.orphans import end_orphans
from orchestration.receiving import HOST, is_expecting, port, setting
from orchestration.servers import free_port, serving, wait_until_open

DAGSTER_PORT = 3000
DASHBOARD_PORT = 8501
# On a machine that is busy: each is there within seconds on one that is not.
DAGSTER_READY_SECONDS = 300.0
DASHBOARD_READY_SECONDS = 180.0
RECEIVER_READY_SECONDS = 180.0


def serve(console: Console) -> None:
    """Start the servers, print their addresses, stop them all on Ctrl-C.

    Raises:
        NotReadyError: a server did not come up; the text names its log.
    """
    home = open_home()
    require_space(home.folder)
    with contextlib.ExitStack() as stack:
        # The sandbox and the stores have one user at a time; runs of the UI are ours.
        stack.enter_context(only_one(home, "concord dev"))
        if home.is_invented:
            home, url = stack.enter_context(demo_again(home))
            console.print(f" sandbox    {url}/_sandbox/truth  (the planted mistakes)")
        take_webhooks(home, console, stack)
        _serve_people(home, console, stack)
        console.print(" Ctrl-C stops all of them.")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
    console.print("\n stopped")


def take_webhooks(home: Home, console: Console, stack: contextlib.ExitStack) -> None:
    """Start the receiver where a system has a secret, and print its address.

    The vendors of an invented company are told where it is; those of a real one are
    told at their own screens, by the address of the proxy in front.

    Raises:
        NotReadyError: it did not come up; the text names its log.
        SystemFault: a vendor of the invented company did not take the address.
    """
    from orchestration.hooks import register, subscribe

    number = free_port(port(home.environ))
    url = f"http://{HOST}:{number}"
    told = register(home.environ, url) if home.is_invented else {}
    if not is_expecting({**home.environ, **told}):
        return
    own = {"CONCORD_WEBHOOKS_HOST": HOST, "CONCORD_WEBHOOKS_PORT": str(number)}
    if home.is_invented:
        own["CONCORD_WEBHOOKS_URL"] = url
    log = home.folder / "logs" / "receiver.log"
    # It only needs the secrets: of a real company it finds them in `.env` itself.
    environ = {**os.environ, **_names(home), **told, **own}
    process = stack.enter_context(
        serving(["-m", "orchestration.cli", "receive"], log, environ)
    )
    if not wait_until_open(number, process, RECEIVER_READY_SECONDS):
        raise NotReadyError(
            f"The receiver of webhooks did not start on port {number}: {log} says why."
        )
    console.print(f" webhooks   {url}/webhooks/SYSTEM")
    state = told.get(setting("business_central"))
    if state is not None:
        subscribe(home.environ, url, state)


def _names(home: Home) -> dict[str, str]:
    """Return what leads a child process to this home."""
    return {"CONCORD_ENV": home.name, "CONCORD_HOME": str(home.folder.parent)}


def _serve_people(home: Home, console: Console, stack: contextlib.ExitStack) -> None:
    with instance(home) as history:  # writes the settings that the servers read
        ended = end_orphans(history)  # we hold the home: no run of it is alive
    if ended:
        console.print(
            f" [yellow]△[/yellow] {len(ended)} runs had died with their machine"
        )
    environ = {
        **home.environ,
        "DAGSTER_HOME": str(home.dagster),
        **_names(home),
        "PYTHONWARNINGS": "ignore",
    }
    dagster_port, dashboard_port = free_port(DAGSTER_PORT), free_port(DASHBOARD_PORT)
    logs = home.folder / "logs"
    dagster = stack.enter_context(
        serving(
            [
                *("-m", "dagster", "dev", "-m", "orchestration.definitions"),
                *("-h", "127.0.0.1", "-p", str(dagster_port)),
            ],
            logs / "dagster.log",
            environ,
        )
    )
    dashboard = stack.enter_context(
        serving(
            [
                *("-m", "dashboard"),
                *("--server.address", "127.0.0.1"),
                *("--server.port", str(dashboard_port)),
                *("--server.headless", "true"),
            ],
            logs / "dashboard.log",
            # Whoever only reads the published copy is given no credential.
            {**os.environ, **_names(home)},
        )
    )
    for name, number, process, seconds, log in (
        ("Dagster UI", dagster_port, dagster, DAGSTER_READY_SECONDS, "dagster.log"),
        (
            "dashboard",
            dashboard_port,
            dashboard,
            DASHBOARD_READY_SECONDS,
            "dashboard.log",
        ),
    ):
        if not wait_until_open(number, process, seconds):
            raise NotReadyError(
                f"The {name} did not start on port {number}: {logs / log} says why."
            )
        console.print(f" {name:<10} http://127.0.0.1:{number}")
    console.print(f" home       {home.folder} (logs in {logs.name}/)")
