"""Server: the vendors behind three doors, and how to run them on this machine alone.

In process (`application` is an ASGI application), over plain HTTP by path (for curl)
and over TLS under their real hostnames (`sandbox.door`). All three lead to the same
routes.
"""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from sandbox.control import Control, refuse
from sandbox.credentials import Credentials, credentials
from sandbox.door import Authority, Door
from sandbox.faultdoor import Droppable, FaultDoor, Trace
from sandbox.faults import Faults
from sandbox.hosts import ByHost
from sandbox.store import Store
from sandbox.vendors import VENDORS, environment
from sandbox.webhooks import Webhooks

LOOPBACK = "127.0.0.1"
CA_FILE = "ca.pem"  # below the sandbox's home
START_SECONDS = 10.0
# Longer than clients keep a pooled connection (httpx 5 s, vendors' own about a minute):
# whoever closes first races with a request that is under way.
KEEP_ALIVE_SECONDS = 75


def application(
    store: Store,
    keys: Credentials | None = None,
    *,
    only: Collection[str] = (),
    export_lag_seconds: int = 0,
) -> Starlette:
    """Return the sandbox as an ASGI application.

    A vendor answers to its hostnames and below `/<its name>`.

    Args:
        store: the records to serve, with the vendors' idea of now.
        keys: what the vendors ask for; made on the spot if not given, and then found
            as `application.state.credentials`.
        only: the vendors to play; all of them if none is named.
        export_lag_seconds: how young a record must be to be left out of Zendesk's
            exports; Zendesk itself uses sandbox.zendesk.api.VENDOR_EXPORT_LAG_SECONDS.
    """
    keys = keys or credentials()
    if export_lag_seconds:
        store.set_conditions({"zendesk": {"export_lag_seconds": export_lag_seconds}})
    faults, trace = Faults(store), Trace()
    hooks = Webhooks(store)
    doors = {
        vendor: FaultDoor(vendor.api(store, keys, hooks), faults, trace, vendor.name)
        for vendor in VENDORS
        if not only or vendor.name in only
    }

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await hooks.start()
        yield
        await hooks.close()

    hosts = {host: door for each, door in doors.items() for host in each.hosts}
    app = Starlette(
        routes=[
            Mount("/_sandbox", app=Control(store, faults, trace).api()),
            *(Mount(f"/{vendor.name}", app=door) for vendor, door in doors.items()),
        ],
        middleware=[Middleware(ByHost, hosts=hosts)],
        exception_handlers={404: _nobody},
        lifespan=lifespan,
    )
    app.state.credentials = keys
    app.state.hosts = tuple(hosts)
    app.state.store = store
    app.state.faults = faults
    app.state.trace = trace
    return app


async def _nobody(_request: Request, _error: Exception) -> Response:
    """Answer at an address that is nobody's."""
    return refuse(404, "Vendors are below /<name> here, and at their own hostnames.")


def door(app: Starlette, bound: socket.socket, authority: Authority) -> Door:
    """Return the door with the vendors' hostnames; ValueError unless on loopback."""
    return Door(bound, app, app.state.hosts, authority)


def listener(port: int = 0) -> socket.socket:
    """Return a socket bound to loopback; OSError if the port is taken."""
    # asyncio switches Nagle's delay off only where the protocol is named: without it
    # each small answer waits 40 ms for the client's acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
        bound.listen()  # or a second one could be bound to the same port
    except OSError:
        bound.close()
        raise
    return bound


class Server(uvicorn.Server):
    """An HTTP server that has a second door and says when it is ready."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], door: Door | None
    ) -> None:
        """Call `ready` once requests are answered."""
        super().__init__(config)
        self.ready = ready
        self.door = door

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, open the door, then say so."""
        await super().startup(sockets)
        if self.door is not None:
            self.servers.append(await self.door.open(self.protocol))
        self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Turn away who is at the door, then stop."""
        if self.door is not None:
            self.door.close()
        await super().shutdown(sockets)

    def protocol(self) -> Droppable:
        """Return the protocol of a connection that did not come from our sockets."""
        return Droppable(self.config, self.server_state, self.lifespan.state)


def server(
    app: Starlette, ready: Callable[[], None], door: Door | None = None
) -> Server:
    """Return the HTTP server of the sandbox, with no log of requests."""
    return Server(
        uvicorn.Config(
            app,
            http=Droppable,
            ws="none",
            access_log=False,
            log_level="warning",
            # Nobody stands between a caller and us whose word could be taken.
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=2,
        ),
        ready,
        door,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that answers: its plain address, its door and what connects."""

    app: Starlette
    url: str
    door: Door
    environment: Mapping[str, str]


@contextmanager
def running(app: Starlette, home: Path) -> Iterator[Running]:
    """Serve on free loopback ports from a thread; keys are written to `home`."""
    with ExitStack() as opened:
        bound = opened.enter_context(listener())
        authority = Authority(home / CA_FILE)
        third = door(app, opened.enter_context(listener()), authority)
        started = threading.Event()
        served = server(app, started.set, third)
        thread = threading.Thread(
            target=served.run, kwargs={"sockets": [bound]}, name="sandbox", daemon=True
        )
        thread.start()
        try:
            if not started.wait(START_SECONDS):
                raise RuntimeError("The sandbox did not start.")
            told = environment(app.state.credentials, home) | third.environment()
            url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
            yield Running(app, url, third, told)
        finally:
            served.should_exit = True
            thread.join()
