"""Signatures: whether a message comes from the system that it says it comes from.

Each vendor proves it in its own way. A signature covers the bytes as they arrived: a
body that was parsed and written again no longer fits. Where the vendor signs the time,
a message from more than five minutes ago, or ahead, is a recording.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import orjson

# Stripe's and HubSpot's own libraries allow as much; Zendesk names no limit.
TOLERANCE = timedelta(seconds=300)

# One per secret that is good; more are somebody's attempt to make us count.
MOST_SIGNATURES = 16

# HubSpot signs the address with these decoded (developers.hubspot.com, validating
# requests); a `?` stays as it is written.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)
# A number that is longer is no time, and Python reads other scripts' digits too.
_NUMBER = re.compile(r"[0-9]{1,14}", re.ASCII)


class NotAuthentic(Exception):  # noqa: N818 -- what the message is
    """The message is not proven to come from the system; the text says why.

    It holds nothing that came with the message and nothing of the secrets.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it arrived; the names of its headers are in small letters."""

    method: str
    url: str  # as the sender wrote it
    headers: Mapping[str, str]
    body: bytes


Secrets: TypeAlias = Sequence[str]
Verify: TypeAlias = Callable[[Message, Secrets, datetime], None]


def stripe(message: Message, secrets: Secrets, at: datetime) -> None:
    """Check `Stripe-Signature: t=…,v1=…`; see docs.stripe.com/webhooks/signature.

    While a secret is rolled there are several `v1`, one per secret.

    Raises:
        NotAuthentic: no signature fits, or its time is too far away.
    """
    parts = [
        part.strip().partition("=")
        for part in _header(message, "stripe-signature").split(",")
    ]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not 0 < len(given) <= MOST_SIGNATURES:
        raise NotAuthentic("the signature is not written as Stripe writes it")
    signed = times[0].encode() + b"." + message.body
    offered = [each.encode() for each in given]
    _match((_mac(secret, signed).hex().encode() for secret in secrets), offered)
    _in_time(_instant(times[0], per_second=1), at)


def hubspot(message: Message, secrets: Secrets, at: datetime) -> None:
    """Check `X-HubSpot-Signature-v3`, which covers method, address, body and time.

    The older versions 1 and 2 in the same message cover no time and are not looked at.

    Raises:
        NotAuthentic: the signature does not fit, or its time is too far away.
    """
    given = _header(message, "x-hubspot-signature-v3")
    time = _header(message, "x-hubspot-request-timestamp")
    url = _ENCODED.sub(lambda found: _DECODED[found[0].upper()], message.url)
    signed = message.method.encode() + url.encode() + message.body + time.encode()
    _match(
        (base64.b64encode(_mac(secret, signed)) for secret in secrets), [given.encode()]
    )
    _in_time(_instant(time, per_second=1000), at)


def zendesk(message: Message, secrets: Secrets, at: datetime) -> None:
    """Check `X-Zendesk-Webhook-Signature`, which covers time and body.

    Raises:
        NotAuthentic: the signature does not fit, or its time is too far away.
    """
    given = _header(message, "x-zendesk-webhook-signature")
    time = _header(message, "x-zendesk-webhook-signature-timestamp")
    signed = time.encode() + message.body
    _match(
        (base64.b64encode(_mac(secret, signed)) for secret in secrets), [given.encode()]
    )
    try:
        signed_at = datetime.fromisoformat(time)
    except ValueError:
        raise NotAuthentic("the time of the signature is no time") from None
    if signed_at.tzinfo is None:
        raise NotAuthentic("the time of the signature names no time zone")
    _in_time(signed_at, at)


def chargebee(message: Message, secrets: Secrets, at: datetime) -> None:
    """Check the name and password that Chargebee was given for our address.

    It signs nothing: neither a changed body nor a recording can be told from the
    original, so the receiver believes nothing but that a record may have changed.

    Raises:
        NotAuthentic: the name or the password is another.
    """
    del at
    scheme, _, given = _header(message, "authorization").partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthentic("the credential is not written as Chargebee writes it")
    try:
        pair = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthentic("the credential cannot be decoded") from None
    _match((secret.encode() for secret in secrets), [pair])


def business_central(message: Message, secrets: Secrets, at: datetime) -> None:
    """Check the `clientState` that we gave with each subscription.

    It signs nothing, as Chargebee does not; see learn.microsoft.com,
    dynamics-subscriptions.

    Raises:
        NotAuthentic: one of the notifications has another state, or none.
    """
    del at
    try:
        value = orjson.loads(message.body)["value"]
        states = [each["clientState"] for each in value]
    except (ValueError, KeyError, TypeError):
        raise NotAuthentic("the body is not written as notifications are") from None
    if not states or not all(isinstance(state, str) for state in states):
        raise NotAuthentic("a notification names no client state")
    for state in states:
        _match((secret.encode() for secret in secrets), [state.encode()])


VERIFY: Mapping[str, Verify] = {
    "stripe": stripe,
    "hubspot": hubspot,
    "zendesk": zendesk,
    "chargebee": chargebee,
    "business_central": business_central,
}


def _header(message: Message, name: str) -> str:
    value = message.headers.get(name)
    if not value:
        raise NotAuthentic(f"the header {name} is missing")
    return value


def _mac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def _match(right: Iterable[bytes], given: Sequence[bytes]) -> None:
    """Compare every pair, each in constant time: time must not tell what was near."""
    fits = False
    for expected in right:
        for value in given:
            fits |= hmac.compare_digest(expected, value)
    if not fits:
        raise NotAuthentic("the proof does not fit any secret that is set")


def _instant(number: str, per_second: int) -> datetime:
    if not _NUMBER.fullmatch(number):
        raise NotAuthentic("the time of the signature is no number")
    try:
        return datetime.fromtimestamp(int(number) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAuthentic("the time of the signature is no time") from None


def _in_time(signed_at: datetime, at: datetime) -> None:
    if abs(at - signed_at) > TOLERANCE:
        raise NotAuthentic("the signature is from more than five minutes away")
