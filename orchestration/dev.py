"""Dev: everything on loopback, for the people who look: sandbox, Dagster, dashboard."""

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
from orchestration.servers import free_port, serving, wait_until_open

DAGSTER_PORT = 3000
DASHBOARD_PORT = 8501
DAGSTER_READY_SECONDS = 120.0
DASHBOARD_READY_SECONDS = 60.0


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
        _serve_people(home, console, stack)
        console.print(" Ctrl-C stops all of them.")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
    console.print("\n stopped")


def _serve_people(home: Home, console: Console, stack: contextlib.ExitStack) -> None:
    with instance(home):  # writes the settings that the servers read
        pass
    names = {"CONCORD_ENV": home.name, "CONCORD_HOME": str(home.folder.parent)}
    environ = {
        **home.environ,
        "DAGSTER_HOME": str(home.dagster),
        **names,
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
                *("-m", "streamlit", "run", "dashboard/app.py"),
                *("--server.address", "127.0.0.1"),
                *("--server.port", str(dashboard_port)),
                *("--server.headless", "true"),
            ],
            logs / "dashboard.log",
            # Whoever only reads the published copy is given no credential.
            {**os.environ, **names},
        )
    )
    for name, port, process, seconds, log in (
        ("Dagster UI", dagster_port, dagster, DAGSTER_READY_SECONDS, "dagster.log"),
        (
            "dashboard",
            dashboard_port,
            dashboard,
            DASHBOARD_READY_SECONDS,
            "dashboard.log",
        ),
    ):
        if not wait_until_open(port, process, seconds):
            raise NotReadyError(
                f"The {name} did not start on port {port}: {logs / log} says why."
            )
        console.print(f" {name:<10} http://127.0.0.1:{port}")
    console.print(f" home       {home.folder} (logs in {logs.name}/)")
