"""Zendesk's webhooks: the signature of a message, and the rules for a receiver."""

import base64
import hashlib
import hmac

from sandbox.store import Document
from sandbox.webhooks import is_loopback
from sandbox.wire import Refusal
from sandbox.zendesk.events import PREFIX
from sandbox.zendesk.shapes import Problems, invalid, problem

_STATUSES = ("active", "inactive")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FORMATS = ("json", "xml", "form_encoded")
_SUBSCRIBABLE = ("conditional_ticket_events",)


def signature(secret: str, at: str, body: bytes) -> str:
    """Return the signature of a message: base64 of HMAC-SHA256 over time and body."""
    mac = hmac.new(secret.encode(), at.encode() + body, hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def check(hook: Document) -> None:
    """Refuse a webhook that breaks a rule."""
    wrong: Problems = {}
    name, endpoint = hook["name"], hook["endpoint"]
    if not isinstance(name, str) or not name.strip():
        wrong |= problem("name", "cannot be blank", "BlankValue")
    if not isinstance(endpoint, str) or not is_loopback(endpoint):
        # Zendesk wants https; the sandbox calls this machine and no other.
        wrong |= problem("endpoint", "is not a valid URL", "InvalidValue")
    for field, choices in (
        ("status", _STATUSES),
        ("http_method", _METHODS),
        ("request_format", _FORMATS),
    ):
        if hook[field] not in choices:
            wrong |= problem(field, "is not included in the list", "InvalidValue")
    headers = hook["custom_headers"]
    if headers is not None and not isinstance(headers, dict):
        wrong |= problem("custom_headers", "must be an object", "InvalidValue")
    subscriptions = hook["subscriptions"]
    if not isinstance(subscriptions, list) or not all(
        isinstance(each, str) and (each.startswith(PREFIX) or each in _SUBSCRIBABLE)
        for each in subscriptions
    ):
        wrong |= problem("subscriptions", "is invalid", "InvalidValue")
    if wrong:
        raise Refusal(invalid(wrong))
