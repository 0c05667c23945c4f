"""What a HubSpot account still knows after the sandbox was stopped and started."""

from datetime import UTC, datetime
from pathlib import Path

import httpx

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.hubspot.tokens import APP
from sandbox.server import application
from sandbox.store import Store

CONTACTS = "/crm/v3/objects/contacts"


def started(path: Path, keys: Credentials) -> tuple[Store, httpx.Client]:
    """Start a sandbox on a database."""
    clock = Clock(datetime(2026, 11, 1, 12, tzinfo=UTC), running=False)
    store = Store({}, clock, path)
    return store, in_process(application(store, keys, only=["hubspot"]), "hubspot")


def test_everything_survives_a_restart(tmp_path: Path, keys: Credentials) -> None:
    """Records, merges, tokens, properties, subscriptions and the journal are kept."""
    store, client = started(tmp_path / "sandbox.sqlite", keys)
    login = {
        "grant_type": "refresh_token",
        "client_id": keys.hubspot_client_id,
        "client_secret": keys.hubspot_client_secret,
        "refresh_token": keys.hubspot_refresh_token,
    }
    token = client.post("/oauth/v1/token", data=login).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    key = {"hapikey": keys.hubspot_developer_key}
    subscriptions = f"/webhooks/v3/{APP}/subscriptions"
    client.post(subscriptions, params=key, json={"eventType": "contact.creation"})
    field = {"name": "plan", "label": "Plan", "groupName": "x"}
    field |= {"type": "string", "fieldType": "text"}
    client.post("/crm/v3/properties/contacts", headers=headers, json=field)
    ids = [
        client.post(
            CONTACTS,
            headers=headers,
            json={"properties": {"email": f"{number}@x.example", "plan": "gold"}},
        ).json()["id"]
        for number in range(2)
    ]
    merge = {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]}
    client.post(f"{CONTACTS}/merge", headers=headers, json=merge)
    client.close()
    store.close()

    store, client = started(tmp_path / "sandbox.sqlite", keys)

    query = {"properties": "plan"}
    read = client.get(f"{CONTACTS}/{ids[1]}", headers=headers, params=query).json()
    assert (read["id"], read["properties"]["plan"]) == (ids[0], "gold")
    assert len(client.get(subscriptions, params=key).json()["results"]) == 1
    journal = client.get("/webhooks-journal/journal/2026-03/latest", headers=headers)
    assert journal.status_code == 200
    made = client.post(
        CONTACTS, headers=headers, json={"properties": {"email": "new@x.example"}}
    ).json()
    assert made["id"] not in ids
    client.close()
    store.close()
