"""Receiving: the server that takes webhooks: the command `concord receive`."""

from collections.abc import Mapping
from datetime import UTC, datetime

import uvicorn
from rich.console import Console

from ingestion.signatures import VERIFY
from ingestion.webhooks import WebhookSettingError, receiver, settings
from operations.intake import Intake
from operations.store import Store
from orchestration.home import Home, NotReadyError

HOST = "127.0.0.1"
PORT = 8799
# So many bodies may arrive at once, a mebibyte each at most; more are answered 503.
MOST_AT_ONCE = 256
DRAIN_SECONDS = 10


def setting(system: str) -> str:
    """Return the setting that has a system's webhook secrets."""
    return f"{system.upper()}_WEBHOOK_SECRETS"


def is_expecting(environ: Mapping[str, str]) -> bool:
    """Tell whether a system has a secret, so that it may tell us something."""
    return any(environ.get(setting(system)) for system in VERIFY)


def port(environ: Mapping[str, str]) -> int:
    """Return the port that webhooks are taken at.

    Raises:
        NotReadyError: the setting is no port.
    """
    text = environ.get("CONCORD_WEBHOOKS_PORT") or str(PORT)
    if not text.isdecimal():
        raise NotReadyError("CONCORD_WEBHOOKS_PORT is not the number of a port.")
    return int(text)


def serve(home: Home, console: Console) -> None:
    """Take webhooks until told to stop; what was taken is on the disk by then.

    Raises:
        NotReadyError: no secret is set, or a setting is not written as it must.
    """
    number = port(home.environ)
    try:
        known = settings(home.environ)
    except WebhookSettingError as error:
        raise NotReadyError(str(error)) from None
    host = home.environ.get("CONCORD_WEBHOOKS_HOST") or HOST
    with Store(home.operations) as store, Intake(store) as intake:
        server = uvicorn.Server(
            uvicorn.Config(
                receiver(store, intake, known, lambda: datetime.now(UTC)),
                host=host,
                port=number,
                limit_concurrency=MOST_AT_ONCE,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                # An address may carry somebody's key; refusals are told by cause.
                access_log=False,
                log_level="warning",
                server_header=False,
                proxy_headers=False,
            )
        )
        systems = ", ".join(sorted(known.secrets))
        console.print(
            f"Taking webhooks of {systems} at http://{host}:{number}/webhooks/SYSTEM"
            " (/health says what waits); Ctrl-C stops.",
            soft_wrap=True,
        )
        server.run()
