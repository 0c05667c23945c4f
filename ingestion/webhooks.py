"""Webhooks: takes what systems tell us, where they prove that it is they.

An answer of 200 means that the events are on the disk. A message that came before is
answered the same way, since the sender asks only whether we have it. Reading the
records concerned is the work of a load, which a sensor asks for.

    POST /webhooks/<system>    a message of the system
    GET  /health               what waits for a load; what was taken, what refused, why
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ingestion.notifications import NotUnderstood, events
from ingestion.signatures import VERIFY, Message, NotAuthentic
from operations.events import Clock, concerned
from operations.intake import Intake, IntakeFullError
from operations.store import Store

log = logging.getLogger("concord.webhooks")

# Events are some kilobytes, a Stripe invoice with all its lines some hundred.
MAX_BODY_BYTES = 1024 * 1024
MAX_TOKEN_CHARACTERS = 1024  # Business Central's are shorter than a hundred
# HubSpot and Business Central give up after 5 seconds, Zendesk after 10.
BODY_SECONDS = 5.0
COMMIT_SECONDS = 4.0
RETRY_AFTER_SECONDS = 5
# A flood of refusals is one line a minute for each cause, with their number.
TELL_EVERY = timedelta(minutes=1)


class WebhookSettingError(Exception):
    """A setting of the receiver cannot be used; the text names it, not its value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which systems may tell us something, and what proves that it is they.

    `url` is how the systems know us, without `/webhooks/…`: HubSpot signs it. Where it
    is empty, the address is what the request says.
    """

    secrets: Mapping[str, tuple[str, ...]] = field(repr=False)
    url: str = ""


def settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings: `<SYSTEM>_WEBHOOK_SECRETS`, with commas between several.

    While a secret is replaced both are good, so that nothing is refused meanwhile.

    Raises:
        WebhookSettingError: no system has a secret, or one is not written as it must.
    """
    secrets: dict[str, tuple[str, ...]] = {}
    for system in VERIFY:
        name = f"{system.upper()}_WEBHOOK_SECRETS"
        given = (each.strip() for each in environ.get(name, "").split(","))
        found = tuple(each for each in given if each)
        if system == "chargebee" and not all(
            all(each.partition(":")[::2]) for each in found
        ):
            raise WebhookSettingError(f"{name} is not written as NAME:PASSWORD")
        if found:
            secrets[system] = found
    if not secrets:
        raise WebhookSettingError(
            "No system has a secret: set STRIPE_WEBHOOK_SECRETS or another of them,"
            " as .env.example shows."
        )
    return Settings(secrets, environ.get("CONCORD_WEBHOOKS_URL", "").rstrip("/"))


def receiver(store: Store, intake: Intake, known: Settings, clock: Clock) -> Starlette:
    """Return the application; the store and the intake stay the caller's to close."""
    desk = _Desk(store, intake, known, clock)
    return Starlette(
        routes=[
            Route("/webhooks/{system}", desk.receive, methods=["POST"]),
            Route("/health", desk.health, methods=["GET"]),
        ]
    )


class _RefusedError(Exception):
    """What a sender is told instead of 200."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Desk:
    """Answers the requests."""

    def __init__(
        self, store: Store, intake: Intake, known: Settings, clock: Clock
    ) -> None:
        self._store = store
        self._intake = intake
        self._known = known
        self._clock = clock
        self._taken: dict[str, Counter[str]] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._told: dict[tuple[str, str], datetime] = {}

    async def receive(self, request: Request) -> Response:
        """Take one message."""
        system = request.path_params["system"]
        secrets = self._known.secrets.get(system)
        if secrets is None:
            # The name is the sender's, and may be anything: it is told to nobody.
            refused = _RefusedError(HTTPStatus.NOT_FOUND, "nothing is expected here")
            return self._refuse("unknown", refused)
        try:
            token = request.query_params.get("validationToken")
            if system == "business_central" and token is not None:
                return _shake_hands(token)
            body = await _body(request)
            message = Message(request.method, self._url(request), request.headers, body)
            return await self._take(system, secrets, message)
        except _RefusedError as refused:
            return self._refuse(system, refused)

    async def _take(
        self, system: str, secrets: tuple[str, ...], message: Message
    ) -> Response:
        now = self._clock()
        try:
            VERIFY[system](message, secrets, now)
            told = events(system, message.body)
        except NotAuthentic as error:
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, str(error)) from None
        except NotUnderstood as error:
            raise _RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        try:
            taken = asyncio.wrap_future(self._intake.put(told, now))
            new = await asyncio.wait_for(taken, COMMIT_SECONDS)
        except IntakeFullError:
            raise _RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many events wait to be written down",
            ) from None
        except Exception as error:  # whatever the disk says, the sender comes again
            raise _RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"the events could not be written down ({type(error).__name__})",
            ) from error
        counts = {"new": new, "known": len(told) - new}
        self._taken.setdefault(system, Counter()).update(counts)
        return JSONResponse(counts)

    async def health(self, request: Request) -> Response:
        """Say what waits for a load, and what was taken and refused since the start."""
        del request
        pending = await run_in_threadpool(concerned, self._store)
        refused: dict[str, dict[str, int]] = {}
        for (system, reason), count in sorted(self._refused.items()):
            refused.setdefault(system, {})[reason] = count
        return JSONResponse(
            {
                "systems": sorted(self._known.secrets),
                "pending": {
                    each.system: {
                        "events": each.events,
                        "oldest_at": each.oldest_at.isoformat(),
                    }
                    for each in pending
                },
                "taken": self._taken,
                "refused": refused,
            }
        )

    def _url(self, request: Request) -> str:
        if not self._known.url:
            return str(request.url)
        query = request.url.query
        return self._known.url + request.url.path + (f"?{query}" if query else "")

    def _refuse(self, system: str, refused: _RefusedError) -> Response:
        cause, now = (system, refused.reason), self._clock()
        self._refused[cause] += 1
        if cause not in self._told or now - self._told[cause] >= TELL_EVERY:
            self._told[cause] = now
            log.warning(
                "refused a message of %s: %s (%d so far)", *cause, self._refused[cause]
            )
        again = refused.status == HTTPStatus.SERVICE_UNAVAILABLE
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if again else None
        return PlainTextResponse(refused.reason, refused.status, headers)


def _shake_hands(token: str) -> Response:
    """Say Business Central's token back: it asks on subscribing and on renewing."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "the validation token is too long")
    # The sender writes the answer, so nothing may take it for a page.
    return PlainTextResponse(token, headers={"X-Content-Type-Options": "nosniff"})


async def _body(request: Request) -> bytes:
    """Read the body, as much of it as we take, in the time that we give."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:12]) > MAX_BODY_BYTES:
        raise _RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body is larger than {MAX_BODY_BYTES} bytes",
        )
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _joined(request.stream())
    except TimeoutError:
        raise _RefusedError(
            HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time"
        ) from None
    except ClientDisconnect:
        raise _RefusedError(
            HTTPStatus.BAD_REQUEST, "the sender left before the body was there"
        ) from None


async def _joined(stream: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body is larger than {MAX_BODY_BYTES} bytes",
            )
    return bytes(body)
