"""Chargebee's webhook endpoints: who is told of events, and the password to use."""

from collections.abc import Mapping

from sandbox.chargebee.desk import SYSTEM, Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.shapes import impossible, wrong
from sandbox.journal import Document
from sandbox.webhooks import is_loopback

ENDPOINTS = "webhook_endpoint"
SECRETS = "_webhook_secret"
MOST_ENDPOINTS = 5  # the vendor's documentation
_OWN = (
    "name",
    "url",
    "api_version",
    "primary_url",
    "disabled",
    "send_card_resource",
    "basic_auth_username",
    "basic_auth_password",
    "enabled_events",
)


def create(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Add an endpoint."""
    form.only(*_OWN)
    if len(desk.held(ENDPOINTS)) >= MOST_ENDPOINTS:
        raise impossible(f"A site has no more than {MOST_ENDPOINTS} webhooks.")
    endpoint = {
        "id": desk.made("whep_"),
        "name": form.required("name", 50),
        "url": _url(form),
        "api_version": form.choice("api_version", ("v1", "v2"), "v2"),
        "primary_url": form.flag("primary_url"),
        "disabled": form.flag("disabled"),
        "send_card_resource": form.flag("send_card_resource"),
        "enabled_events": form.strings("enabled_events"),
        "_created_at": desk.now,
        "object": "webhook_endpoint",
    }
    return _kept(desk, form, endpoint)


def _url(form: Form) -> str:
    url = form.required("url", 500)
    if not is_loopback(url):
        # Chargebee takes any address; the sandbox calls this machine only.
        raise wrong("url", "should be http on a port of this machine")
    return url


def _kept(desk: Desk, form: Form, endpoint: Document) -> Answer:
    desk.store.keep(SYSTEM, ENDPOINTS, endpoint)
    secret = desk.held(SECRETS).get(endpoint["id"]) or {"id": endpoint["id"]}
    for place, name in (
        ("user", "basic_auth_username"),
        ("password", "basic_auth_password"),
    ):
        if form.has(name):
            secret[place] = form.text(name, 100)
    desk.store.keep(SYSTEM, SECRETS, secret)
    return {"webhook_endpoint": _shown(endpoint)}


def _shown(endpoint: Document) -> Document:
    return {key: each for key, each in endpoint.items() if not key.startswith("_")}


def update(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change an endpoint."""
    form.only(*_OWN)
    endpoint = desk.get(ENDPOINTS, ids["id"])
    if form.has("name"):
        endpoint["name"] = form.required("name", 50)
    if form.has("url"):
        endpoint["url"] = _url(form)
    for name in ("primary_url", "disabled", "send_card_resource"):
        if form.has(name):
            endpoint[name] = form.flag(name)
    events = form.strings("enabled_events")
    if events:
        endpoint["enabled_events"] = events
    return _kept(desk, form, endpoint)


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one endpoint, without its password."""
    form.only()
    return {"webhook_endpoint": _shown(desk.get(ENDPOINTS, ids["id"]))}


def delete(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Take an endpoint away."""
    form.only()
    endpoint = desk.get(ENDPOINTS, ids["id"])
    desk.store.drop(SYSTEM, ENDPOINTS, endpoint["id"])
    desk.store.drop(SYSTEM, SECRETS, endpoint["id"])
    return {"webhook_endpoint": _shown(endpoint)}
