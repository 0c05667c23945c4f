"""Hooks: the invented company's vendors are told where to send what happens.

With accounts of one's own a person does this once, at each vendor's screen. Here the
address changes with every start of `concord dev`, so what the last one told is taken
back. Each function returns what proves to the receiver who is speaking.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping

from ingestion.business_central.client import Books
from ingestion.systems import System, system
from ingestion.transport.rest import Rest
from orchestration.loads import word_of_set
from orchestration.receiving import setting

# Zendesk's events of what is read (developer.zendesk.com, event types).
_ZENDESK_EVENTS: Mapping[str, tuple[str, ...]] = {
    "organization": (
        *("created", "deleted", "name_changed", "external_id_changed"),
        *("tags_changed", "custom_field_changed"),
    ),
    "user": (
        *("created", "deleted", "name_changed", "external_id_changed", "role_changed"),
        *("notes_changed", "details_changed", "active_changed", "alias_changed"),
        *("time_zone_changed", "suspended_changed", "tags_changed"),
        "custom_field_changed",
    ),
    "ticket": (
        *("created", "soft_deleted", "subject_changed", "status_changed"),
        *("priority_changed", "type_changed", "external_id_changed", "tags_changed"),
        *("organization_changed", "requester_changed", "agent_assignment_changed"),
        *("group_assignment_changed", "custom_field_changed"),
    ),
}
# HubSpot takes each subscription by itself and about a hundred calls in ten seconds:
# these objects, and the properties that people write, begin at once.
_HUBSPOT_OBJECTS = ("company", "contact", "deal")
_HUBSPOT_EVENTS = ("creation", "deletion", "merge", "restore", "associationChange")


def address(url: str, name: str) -> str:
    """Return where a system sends its messages."""
    return f"{url}{_path(name)}"


def register(environ: Mapping[str, str], url: str) -> dict[str, str]:
    """Tell the connected vendors where the receiver will be.

    Business Central is told by `subscribe`, once the receiver answers; its secret is
    among what is returned.

    Args:
        environ: the settings of the invented company's systems.
        url: of the receiver, without `/webhooks/…`.

    Returns:
        The settings that the receiver needs, `<SYSTEM>_WEBHOOK_SECRETS`.

    Raises:
        SystemFault: a vendor did not take the address.
    """
    told = {}
    for name, tell in _TELL.items():
        one = system(name)
        if one.is_connected(environ):
            with one.connect(environ) as rest:
                told[setting(name)] = tell(rest, environ, address(url, name))
    if system("business_central").is_connected(environ):
        told[setting("business_central")] = secrets.token_urlsafe(32)
    return told


def subscribe(environ: Mapping[str, str], url: str, state: str) -> int:
    """Subscribe to Business Central's sets; it asks the receiver at once.

    Returns:
        How many subscriptions there are: one for each set of each company.

    Raises:
        SystemFault: it did not take the address, or nobody answered there.
    """
    one = system("business_central")
    with one.connect(environ) as rest:
        assert isinstance(rest, Books)  # noqa: S101  # as its module makes it
        subscriptions = f"{rest.root}/subscriptions"
        for each in rest.parsed(rest.get(subscriptions))["value"]:
            if str(each["notificationUrl"]).endswith(_path(one.name)):
                held = f"{subscriptions}('{each['subscriptionId']}')"
                rest.write("DELETE", held, headers={"If-Match": "*"})
        wanted = [
            f"/api/v2.0/companies({company['id']})/{word_of_set(name)}"
            for company in rest.companies()
            for name in _read_by_id(one)
        ]
        for resource in wanted:
            body = {
                "notificationUrl": address(url, one.name),
                "resource": resource,
                "clientState": state,
            }
            rest.write("POST", subscriptions, json=body)
    return len(wanted)


def _path(name: str) -> str:
    return f"/webhooks/{name}"


def _read_by_id(one: System) -> Iterator[str]:
    """Yield the streams that have records of their own."""
    for stream in one.streams:
        try:
            one.vendor.named(stream.name, ())
        except KeyError:
            continue
        yield stream.name


def _stripe(rest: Rest, _environ: Mapping[str, str], url: str) -> str:
    endpoints = "/v1/webhook_endpoints"
    for each in rest.parsed(rest.get(endpoints, {"limit": 100}))["data"]:
        if str(each["url"]).endswith(_path("stripe")):
            rest.write("DELETE", f"{endpoints}/{each['id']}")
    form = {"url": url, "enabled_events[]": "*"}
    return str(rest.parsed(rest.write("POST", endpoints, form=form))["secret"])


def _zendesk(rest: Rest, _environ: Mapping[str, str], url: str) -> str:
    hooks = "/api/v2/webhooks"
    for each in rest.parsed(rest.get(hooks))["webhooks"]:
        if str(each["endpoint"]).endswith(_path("zendesk")):
            rest.write("DELETE", f"{hooks}/{each['id']}")
    hook = {
        "name": "Concord",
        "endpoint": url,
        "http_method": "POST",
        "request_format": "json",
        "status": "active",
        "subscriptions": [
            f"zen:event-type:{name}.{kind}"
            for name, kinds in _ZENDESK_EVENTS.items()
            for kind in kinds
        ],
    }
    made = rest.parsed(rest.write("POST", hooks, json={"webhook": hook}))["webhook"]
    shown = rest.parsed(rest.get(f"{hooks}/{made['id']}/signing_secret"))
    return str(shown["signing_secret"]["secret"])


def _chargebee(rest: Rest, _environ: Mapping[str, str], url: str) -> str:
    endpoints = "/api/v2/webhook_endpoints"
    for row in rest.parsed(rest.get(endpoints, {"limit": 100}))["list"]:
        each = row["webhook_endpoint"]
        if str(each["url"]).endswith(_path("chargebee")):
            rest.write("POST", f"{endpoints}/{each['id']}/delete")
    password = secrets.token_urlsafe(32)
    form = {
        "name": "Concord",
        "url": url,
        "basic_auth_username": "concord",
        "basic_auth_password": password,
    }
    rest.write("POST", endpoints, form=form)
    return f"concord:{password}"


def _hubspot(rest: Rest, environ: Mapping[str, str], url: str) -> str:
    """Tell the app's settings; each kind of event is subscribed to by itself."""
    secret = environ["HUBSPOT_CLIENT_SECRET"]
    app = {"client_id": environ["HUBSPOT_CLIENT_ID"], "client_secret": secret}
    form = {"grant_type": "client_credentials", **app}
    token = rest.parsed(rest.read_post("/oauth/v3/token", form=form))["access_token"]
    asked = {**app, "token": token}
    known = rest.parsed(rest.read_post("/oauth/v3/token/introspect", form=asked))
    root = f"/webhooks/v3/{known['app_id']}"
    key = {"hapikey": environ["HUBSPOT_DEVELOPER_KEY"]}
    settings = {"targetUrl": url, "throttling": {"maxConcurrentRequests": 10}}
    rest.write("PUT", f"{root}/settings", json=settings, params=key)
    listed = rest.parsed(rest.get(f"{root}/subscriptions", key))["results"]
    there = {(each["eventType"], each["propertyName"]) for each in listed}
    for event, named in _hubspot_events():
        if (event, named) not in there:
            body = {"eventType": event, "active": True}
            if named is not None:
                body["propertyName"] = named
            rest.write("POST", f"{root}/subscriptions", json=body, params=key)
    return secret


def _hubspot_events() -> Iterator[tuple[str, str | None]]:
    """Yield each kind of event, and the property whose change it is."""
    for stream in system("hubspot").streams:
        if stream.object not in _HUBSPOT_OBJECTS:
            continue
        for kind in _HUBSPOT_EVENTS:
            yield f"{stream.object}.{kind}", None
        for column in stream.columns:
            place, _, named = str(column.path).rstrip("?").partition(".")
            if place == "properties" and not named.startswith("hs_"):
                yield f"{stream.object}.propertyChange", named


_TELL: Mapping[str, Callable[[Rest, Mapping[str, str], str], str]] = {
    "stripe": _stripe,
    "zendesk": _zendesk,
    "chargebee": _chargebee,
    "hubspot": _hubspot,
}
