"""HubSpot's events: webhook subscriptions, and the journal that a reader pulls."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.hubspot.subscriptions import Subscriptions
from sandbox.hubspot.tokens import APP, PORTAL
from sandbox.webhooks import Webhooks
from sandbox.wire import parse

FIRST, SECOND = "100000000000000", "100000000000001"
CONTACTS = "/crm/v3/objects/contacts"
JOURNAL = "/webhooks-journal/journal/2026-03"
URL = "http://127.0.0.1:9/hook"


class Office(Webhooks):
    """A post office that keeps what it should send."""

    def __init__(self, store: Any) -> None:
        """Start with nothing."""
        super().__init__(store)
        self.sent: list[tuple[str, bytes, Any]] = []

    def post(self, system: str, url: str, body: bytes, sign: Any, *_: Any) -> None:
        """Keep a delivery."""
        assert system == "hubspot"
        self.sent.append((url, body, sign(body)))


@pytest.fixture
def office(account: Any) -> Iterator[Office]:
    """What is delivered when the account's app has settings."""
    office = Office(account.store)
    subscriptions = Subscriptions(account.store, account.keys, office)
    ask(account, "PUT", "settings", {"targetUrl": URL} | THROTTLING)
    yield office
    account.store.observers.remove(subscriptions.wrote)


THROTTLING = {"throttling": {"maxConcurrentRequests": 10}}


def ask(account: Any, method: str, path: str, body: Any = None) -> Any:
    """Call a path of the app's webhooks with the developer's key."""
    return account.hubspot.request(
        method,
        f"/webhooks/v3/{APP}/{path}",
        params={"hapikey": account.keys.hubspot_developer_key},
        json=body,
    )


def subscribe(account: Any, kind: str, **more: Any) -> Any:
    """Subscribe to events."""
    body = {"eventType": kind, "active": True, **more}
    return ask(account, "POST", "subscriptions", body)


def events(office: Office) -> list[dict[str, Any]]:
    """Return all events that were delivered."""
    return [event for _, body, _ in office.sent for event in parse(body)]


def test_a_change_is_told_with_who_made_it(account: Any, office: Office) -> None:
    """A colleague's edit of a property arrives as one event."""
    made = subscribe(account, "contact.propertyChange", propertyName="firstname")
    account.edit("contacts", 1, **{"properties.firstname": "Ünal"})

    (event,) = events(office)

    assert event == {
        "eventId": event["eventId"],
        "subscriptionId": int(made.json()["id"]),
        "portalId": PORTAL,
        "appId": APP,
        "occurredAt": 1793534400000,
        "subscriptionType": "contact.propertyChange",
        "objectTypeId": "0-1",
        "attemptNumber": 0,
        "objectId": int(SECOND),
        "changeSource": "CRM_UI",
        "sourceId": "edit",
        "propertyName": "firstname",
        "propertyValue": "Ünal",
    }


def test_a_delivery_is_signed(account: Any, office: Office) -> None:
    """The third signature covers method, address, body and time."""
    subscribe(account, "contact.creation")
    account.hubspot.post(CONTACTS, json={"properties": {"email": "a@b.example"}})

    ((url, body, headers),) = office.sent

    timestamp = headers["X-HubSpot-Request-Timestamp"]
    secret = account.keys.hubspot_client_secret.encode()
    signed = b"POST" + url.encode() + body + timestamp.encode()
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    assert headers["X-HubSpot-Signature-v3"] == base64.b64encode(digest).decode()


def test_a_batch_arrives_a_hundred_events_at_a_time(
    account: Any, office: Office
) -> None:
    """The events of one request travel together, at most a hundred at once."""
    for name in ("firstname", "lastname"):
        subscribe(account, "contact.propertyChange", propertyName=name)
    inputs = [
        {
            "id": str(int(FIRST) + number),
            "properties": {"firstname": "x", "lastname": "y"},
        }
        for number in range(60)
    ]

    account.hubspot.post(f"{CONTACTS}/batch/update", json={"inputs": inputs})

    assert [len(parse(body)) for _, body, _ in office.sent] == [100, 20]
    assert len({event["eventId"] for event in events(office)}) == 120


def test_each_kind_of_event_is_told(account: Any, office: Office) -> None:
    """Creation, association, merge, deletion and privacy deletion have their types."""
    for action in (
        *("creation", "deletion", "merge", "privacyDeletion", "associationChange"),
        "restore",
    ):
        subscribe(account, f"contact.{action}")
    made = account.hubspot.post(CONTACTS, json={"properties": {"email": "a@b.example"}})
    new = made.json()["id"]
    link = f"/crm/v4/objects/contacts/{new}/associations/default/companies/{FIRST}"
    account.hubspot.put(link)
    body = {"primaryObjectId": FIRST, "objectIdToMerge": SECOND}
    account.hubspot.post(f"{CONTACTS}/merge", json=body)
    account.hubspot.delete(f"{CONTACTS}/{new}")
    account.edit("contacts", int(new) - int(FIRST), archived=False)
    account.hubspot.post(f"{CONTACTS}/gdpr-delete", json={"objectId": new})

    told = [event["subscriptionType"].partition(".")[2] for event in events(office)]

    assert told == [
        "creation",
        "associationChange",
        "merge",
        "deletion",
        "associationChange",
        "restore",
        "privacyDeletion",
    ]
    merged = next(each for each in events(office) if "mergedObjectIds" in each)
    assert (merged["objectId"], merged["mergedObjectIds"]) == (
        int(FIRST),
        [int(SECOND)],
    )


def test_generic_subscriptions_name_the_kind_by_number(
    account: Any, office: Office
) -> None:
    """`object.*` events go by the number of the kind."""
    subscribe(account, "object.creation", objectTypeId="0-2")
    account.hubspot.post(
        "/crm/v3/objects/companies", json={"properties": {"name": "x"}}
    )
    account.hubspot.post("/crm/v3/objects/products", json={"properties": {"name": "x"}})

    assert [event["objectTypeId"] for event in events(office)] == ["0-2"]


def test_a_paused_subscription_is_silent(account: Any, office: Office) -> None:
    """Only active subscriptions of an app with settings are told anything."""
    made = subscribe(account, "contact.creation").json()
    ask(account, "PATCH", f"subscriptions/{made['id']}", {"active": False})
    account.hubspot.post(CONTACTS, json={"properties": {"email": "a@b.example"}})
    silent = list(office.sent)
    many = {"inputs": [{"id": int(made["id"]), "active": True}, {"id": 4711}]}
    resumed = ask(account, "POST", "subscriptions/batch/update", many)
    account.hubspot.post(CONTACTS, json={"properties": {"email": "b@b.example"}})

    assert silent == []
    assert resumed.status_code == 207
    assert len(events(office)) == 1


def test_subscriptions_are_kept_apart(account: Any, office: Office) -> None:
    """A subscription is listed, read, refused the second time, and deleted."""
    made = subscribe(account, "deal.creation").json()

    again = subscribe(account, "deal.creation")
    listed = ask(account, "GET", "subscriptions").json()["results"]
    read = ask(account, "GET", f"subscriptions/{made['id']}").json()
    gone = ask(account, "DELETE", f"subscriptions/{made['id']}")
    lost = ask(account, "GET", f"subscriptions/{made['id']}")

    assert again.status_code == 409
    assert listed == [read] == [made]
    assert (gone.status_code, lost.status_code) == (204, 404)
    assert office.sent == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "settings", {"targetUrl": "https://example.com"} | THROTTLING),
        ("PUT", "settings", {"targetUrl": URL}),
        ("POST", "subscriptions", {"eventType": "dragon.creation"}),
        ("POST", "subscriptions", {"eventType": "contact.propertyChange"}),
        ("POST", "subscriptions", {"eventType": "object.creation"}),
    ],
)
def test_a_wrong_setting_is_refused(
    account: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    """Addresses beyond this machine and unknown events are refused."""
    assert ask(account, method, path, body).status_code == 400


def test_the_developers_key_is_asked_for(account: Any) -> None:
    """An app's token does not open its own webhooks; another app's are not there."""
    token = account.hubspot.get(f"/webhooks/v3/{APP}/subscriptions")
    key = {"hapikey": account.keys.hubspot_developer_key}
    other = account.hubspot.get("/webhooks/v3/1/subscriptions", params=key)

    assert (token.status_code, other.status_code) == (401, 404)


def entry(account: Any, path: str) -> dict[str, Any]:
    """Return what an entry of the journal holds."""
    told = account.hubspot.get(f"{JOURNAL}/{path}").json()
    held: dict[str, Any] = account.hubspot.get(told["url"]).json()
    assert held["offset"] == told["currentOffset"]
    return held


def test_the_journal_is_read_from_offset_to_offset(account: Any) -> None:
    """A reader that follows offsets sees every event once, in order."""
    empty = account.hubspot.get(f"{JOURNAL}/earliest")
    for name in ("a", "b"):
        account.hubspot.post(CONTACTS, json={"properties": {"email": f"{name}@x.de"}})
    account.edit("contacts", 0, **{"properties.city": "Ulm"})

    seen, held = [], entry(account, "earliest")
    while True:
        seen += held["journalEvents"]
        path = f"offset/{held['offset']}/next"
        if account.hubspot.get(f"{JOURNAL}/{path}").status_code == 204:
            break
        held = entry(account, path)

    assert empty.status_code == 204
    assert [event["action"] for event in seen] == ["CREATE", "CREATE", "UPDATE"]
    assert seen[2]["propertyChanges"] == {"city": "Ulm"}
    assert entry(account, "latest")["offset"] == held["offset"]


def test_the_journal_comes_in_batches(account: Any) -> None:
    """Many entries are fetched at once: the first, the last, the next, or by name."""
    for number in range(5):
        body = {"properties": {"email": f"{number}@x.de"}}
        account.hubspot.post(CONTACTS, json=body)

    def offsets(path: str) -> list[str]:
        results = account.hubspot.get(f"{JOURNAL}/batch/{path}").json()["results"]
        return [each["currentOffset"] for each in results]

    every = offsets("earliest/100")
    named = account.hubspot.post(
        f"{JOURNAL}/batch/read", json={"inputs": [every[1], "nonsense"]}
    )

    assert len(every) == 5
    assert offsets("latest/2") == every[3:]
    assert offsets(f"{every[0]}/next/3") == every[1:4]
    assert named.status_code == 207
    assert named.json()["results"][0]["currentOffset"] == every[1]


def test_an_entry_holds_a_request_and_at_most_a_hundred_writes(account: Any) -> None:
    """A batch is one entry; what writes more is cut, always at the same places."""
    inputs = [
        {"id": str(int(FIRST) + number), "properties": {"city": "Ulm"}}
        for number in range(100)
    ]
    account.hubspot.post(f"{CONTACTS}/batch/update", json={"inputs": inputs})
    links = [
        {"from": {"id": str(int(FIRST) + number)}, "to": {"id": FIRST}}
        for number in range(60)
    ]
    path = "/crm/v4/associations/contacts/companies/batch/associate/default"
    account.hubspot.post(path, json={"inputs": links})

    results = account.hubspot.get(f"{JOURNAL}/batch/latest/3").json()["results"]
    held = [account.hubspot.get(each["url"]).json() for each in results]
    again = account.hubspot.post(
        f"{JOURNAL}/batch/read",
        json={"inputs": [each["currentOffset"] for each in results]},
    )

    assert [len(each["journalEvents"]) for each in held] == [100, 100, 20]
    assert entry(account, "latest") == held[2]
    assert [each["url"] for each in again.json()["results"]] == [
        each["url"] for each in results
    ]


def test_the_journal_forgets_after_three_days(account: Any) -> None:
    """An offset older than three days is not found, and nothing is left to read."""
    account.hubspot.post(CONTACTS, json={"properties": {"email": "a@x.de"}})
    offset = entry(account, "earliest")["offset"]
    account.clock.advance(3 * 24 * 3600 + 1)

    old = account.hubspot.get(f"{JOURNAL}/offset/{offset}/next")

    assert old.status_code == 404
    assert account.hubspot.get(f"{JOURNAL}/earliest").status_code == 204


def test_an_entrys_address_cannot_be_guessed(account: Any) -> None:
    """The file of an entry opens by its own address only."""
    answer = account.hubspot.get("/webhooks-journal/files/1/1/guess")

    assert answer.status_code == 403
