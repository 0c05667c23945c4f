"""Signatures: what the vendors' own libraries sign is let in, and nothing else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hubspot.utils.signature import Signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.signatures import VERIFY, Message, NotAuthentic

# Whole seconds: the vendors sign no fractions.
NOW = datetime.now(UTC).replace(microsecond=0)
SECRET, OTHER = "whsec_right", "whsec_other"
URL = "https://hooks.example.com/webhooks/hubspot?tenant=a"
BODY = json.dumps({"id": "evt_1", "amount": 1050, "name": "Ünal"}).encode()
SIGNED = ("stripe", "hubspot", "zendesk")


def stripe_message(secret: str, body: bytes, at: datetime) -> Message:
    """Sign as Stripe's library does for tests."""
    time = int(at.timestamp())
    payload = f"{time}.{body.decode()}"
    digest = stripe.WebhookSignature._compute_signature(payload, secret)
    headers = {"stripe-signature": f"t={time},v1={digest},v0=old"}
    return Message("POST", URL, headers, body)


def hubspot_message(secret: str, body: bytes, at: datetime) -> Message:
    """Sign as HubSpot's library does."""
    time = str(int(at.timestamp() * 1000))
    digest = Signature.get_signature(secret, body.decode(), "v3", URL, "POST", time)
    headers = {
        "x-hubspot-signature-v3": digest,
        "x-hubspot-request-timestamp": time,
    }
    return Message("POST", URL, headers, body)


def zendesk_message(secret: str, body: bytes, at: datetime) -> Message:
    """Sign as Zendesk's documentation says: base64 of a MAC over time and body."""
    time = at.isoformat().replace("+00:00", "Z")
    mac = hmac.new(secret.encode(), time.encode() + body, hashlib.sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(mac).decode(),
        "x-zendesk-webhook-signature-timestamp": time,
    }
    return Message("POST", URL, headers, body)


SIGN: dict[str, Callable[[str, bytes, datetime], Message]] = {
    "stripe": stripe_message,
    "hubspot": hubspot_message,
    "zendesk": zendesk_message,
}


def chargebee_message(pair: str) -> Message:
    """Return what Chargebee sends with a name and a password."""
    credential = base64.b64encode(pair.encode()).decode()
    return Message("POST", URL, {"authorization": f"Basic {credential}"}, BODY)


def business_central_message(*states: str | None) -> Message:
    """Return notifications with client states."""
    value = [{"clientState": state, "resource": "customers(1)"} for state in states]
    return Message("POST", URL, {}, json.dumps({"value": value}).encode())


def refusal(
    system: str, message: Message, at: datetime = NOW, *secrets: str
) -> str | None:
    """Say why a message is not let in; None where it is."""
    try:
        VERIFY[system](message, secrets or (SECRET,), at)
    except NotAuthentic as error:
        return str(error)
    return None


@pytest.mark.parametrize("system", SIGNED)
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, None),
        (300, None),
        (-300, None),
        (301, "the signature is from more than five minutes away"),
        (-301, "the signature is from more than five minutes away"),
        (9**9, "the signature is from more than five minutes away"),
    ],
)
def test_a_message_is_good_for_five_minutes(
    system: str, seconds: int, said: str | None
) -> None:
    """A recording is refused, and so is one that claims to be from tomorrow."""
    message = SIGN[system](SECRET, BODY, NOW)

    why = refusal(system, message, NOW + timedelta(seconds=seconds))

    assert why == said


@pytest.mark.parametrize("system", SIGNED)
def test_any_secret_that_is_set_is_good(system: str) -> None:
    """While a secret is replaced, the old one and the new one both fit."""
    old, new = SIGN[system](SECRET, BODY, NOW), SIGN[system](OTHER, BODY, NOW)

    assert [refusal(system, each, NOW, OTHER, SECRET) for each in (old, new)] == [
        None,
        None,
    ]
    assert refusal(system, old, NOW, OTHER) is not None


def test_stripe_may_sign_with_several_secrets() -> None:
    """One of several `v1` is enough; many are an attempt."""
    time = int(NOW.timestamp())
    digests = [
        stripe_message(secret, BODY, NOW).headers["stripe-signature"].split(",")[1]
        for secret in (OTHER, SECRET)
    ]

    def signed(*parts: str) -> Message:
        header = ",".join((f"t={time}", *parts))
        return Message("POST", URL, {"stripe-signature": header}, BODY)

    assert refusal("stripe", signed(*digests)) is None
    assert refusal("stripe", signed(*digests, *["v1=00"] * 15)) is not None
    assert refusal("stripe", signed(f"t={time}", *digests)) is not None


@pytest.mark.parametrize("system", SIGNED)
def test_a_body_written_again_is_another(system: str) -> None:
    """The same JSON with other blanks or order does not fit the signature."""
    message = SIGN[system](SECRET, BODY, NOW)
    parsed = json.loads(BODY)
    variants = [
        json.dumps(parsed, separators=(",", ":")).encode(),
        json.dumps(parsed, ensure_ascii=False).encode(),
        json.dumps(dict(reversed(parsed.items()))).encode(),
        BODY + b"\n",
    ]

    refused = [refusal(system, replace(message, body=each)) for each in variants]

    assert None not in refused


def test_hubspot_signs_the_address_decoded() -> None:
    """A message to another address, or by another method, is another message."""
    message = hubspot_message(SECRET, BODY, NOW)
    encoded = replace(message, url=URL.replace(":", "%3A").replace("/", "%2f"))

    assert refusal("hubspot", encoded) is None
    assert refusal("hubspot", replace(message, url=URL + "&b=1")) is not None
    assert refusal("hubspot", replace(message, method="PUT")) is not None


@pytest.mark.parametrize(
    "pair", ["user:passwort", "User:password", "user", "", "user:password:", "x" * 9999]
)
def test_chargebee_needs_the_name_and_the_password(pair: str) -> None:
    """Both, exactly; what is no such credential is refused too."""
    right = "user:pässword"

    assert refusal("chargebee", chargebee_message(right), NOW, right) is None
    assert refusal("chargebee", chargebee_message(pair), NOW, right) is not None
    for header in ("", "Basic", "Basic %%%", "Basic ÄÖ", "Bearer abc"):
        message = Message("POST", URL, {"authorization": header}, BODY)
        assert refusal("chargebee", message, NOW, right) is not None


def test_business_central_needs_the_client_state_of_every_notification() -> None:
    """One that has another, or none, and the whole message is refused."""
    right = business_central_message(SECRET, SECRET)

    assert refusal("business_central", right) is None
    for states in ((SECRET, OTHER), (SECRET, None), ("",), ()):
        message = business_central_message(*states)
        assert refusal("business_central", message) is not None
    for body in (b"", b"[]", b"{}", b'{"value": 1}', b'{"value": ["a"]}', b"\xff"):
        assert refusal("business_central", replace(right, body=body)) is not None


@dataclass(frozen=True, slots=True)
class Forger:
    """Makes forged messages: what is changed, and how."""

    system: str
    data: st.DataObject

    def message(self) -> Message:
        """Return a message that is not what the vendor signed."""
        draw, system = self.data.draw, self.system
        good = SIGN[system](SECRET, BODY, NOW)
        header = draw(st.sampled_from(sorted(good.headers)))
        value = good.headers[header]
        match draw(st.sampled_from(("secret", "body", "header", "drop", "stale"))):
            case "secret":
                secret = draw(st.text().filter(lambda text: text != SECRET))
                return SIGN[system](secret, BODY, NOW)
            case "body":
                place = draw(st.integers(0, len(BODY) - 1))
                byte = draw(st.integers(0, 255).filter(lambda one: one != BODY[place]))
                changed = BODY[:place] + bytes([byte]) + BODY[place + 1 :]
                return replace(good, body=changed)
            case "header":
                # The part `v0` of Stripe's header is not looked at.
                place = draw(st.integers(0, len(value.partition(",v0")[0]) - 1))
                letter = draw(
                    st.characters(max_codepoint=255).filter(
                        lambda one: one != value[place]
                    )
                )
                changed_header = value[:place] + letter + value[place + 1 :]
                return replace(good, headers={**good.headers, header: changed_header})
            case "drop":
                headers = {k: v for k, v in good.headers.items() if k != header}
                return replace(good, headers=headers)
        beyond = draw(st.integers(301, 10**9)) * draw(st.sampled_from((1, -1)))
        return SIGN[system](SECRET, BODY, NOW + timedelta(seconds=beyond))


@pytest.mark.parametrize("system", SIGNED)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_forged_is_let_in(system: str, data: st.DataObject) -> None:
    """1,500 messages with a wrong secret, body, header or time: every one is refused.

    What refuses them quotes neither the message nor a secret.
    """
    message = Forger(system, data).message()

    why = refusal(system, message)

    assert why is not None
    assert SECRET not in why
    assert all(value not in why for value in message.headers.values() if len(value) > 9)
