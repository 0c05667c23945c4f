"""Server: the four vendors behind one door, and how to run it on this machine alone."""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from sandbox.control import Control
from sandbox.credentials import Credentials, credentials
from sandbox.faultdoor import Droppable, FaultDoor, Trace
from sandbox.faults import Faults
from sandbox.netsuite.api import NetSuite
from sandbox.salesforce.api import Salesforce
from sandbox.store import Store
from sandbox.stripe.api import Stripe
from sandbox.webhooks import Webhooks
from sandbox.zendesk.api import Zendesk

LOOPBACK = "127.0.0.1"
START_SECONDS = 10.0


def application(
    store: Store, keys: Credentials | None = None, *, export_lag_seconds: int = 0
) -> Starlette:
    """Return the sandbox as an ASGI application.

    Args:
        store: the records to serve, with the vendors' idea of now.
        keys: what the vendors ask for; made on the spot if not given, and then found
            as `application.state.credentials`.
        export_lag_seconds: how young a record must be to be left out of Zendesk's
            exports; Zendesk itself uses sandbox.zendesk.api.VENDOR_EXPORT_LAG_SECONDS.
    """
    keys = keys or credentials()
    clock = store.clock
    faults, trace = Faults(store), Trace()
    hooks = Webhooks(store)
    stripe = Stripe(store, clock, keys)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await hooks.start()
        yield
        await hooks.close()
        await stripe.events.close()

    app = Starlette(
        routes=[
            Mount("/_sandbox", app=Control(store, faults, trace).api()),
            Mount("/salesforce", app=Salesforce(store, clock, keys).api()),
            Mount("/stripe", app=stripe.api()),
            Mount(
                "/zendesk",
                app=Zendesk(store, clock, keys, export_lag_seconds).api(),
            ),
            Mount("/netsuite", app=NetSuite(store, clock, keys).api()),
        ],
        middleware=[Middleware(FaultDoor, faults=faults, trace=trace)],
        lifespan=lifespan,
    )
    app.state.credentials = keys
    app.state.store = store
    app.state.faults = faults
    app.state.trace = trace
    return app


def listener(port: int = 0) -> socket.socket:
    """Return a socket bound to loopback; OSError if the port is taken."""
    # asyncio switches Nagle's delay off only where the protocol is named: without it
    # each small answer waits 40 ms for the client's acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        raise
    return bound


class Server(uvicorn.Server):
    """An HTTP server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        """Call `ready` once requests are answered."""
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.ready()


def server(app: Starlette, ready: Callable[[], None]) -> Server:
    """Return the HTTP server of the sandbox, with no log of requests."""
    return Server(
        uvicorn.Config(
            app,
            http=Droppable,
            ws="none",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        ),
        ready,
    )


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """Serve on a free loopback port from a thread; give the address."""
    bound = listener()
    host, port = bound.getsockname()
    started = threading.Event()
    served = server(app, started.set)
    thread = threading.Thread(
        target=served.run, kwargs={"sockets": [bound]}, name="sandbox", daemon=True
    )
    thread.start()
    try:
        if not started.wait(START_SECONDS):
            raise RuntimeError("The sandbox did not start.")
        yield f"http://{host}:{port}"
    finally:
        served.should_exit = True
        thread.join()
        bound.close()
