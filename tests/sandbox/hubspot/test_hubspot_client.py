"""The client hubspot-api-client, unmodified, at api.hubapi.com by the third door."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import companies, contacts, properties
from hubspot.crm.associations.v4 import AssociationSpec
from hubspot.crm.associations.v4 import models as association_models
from hubspot.crm.contacts import exceptions
from hubspot.utils.signature import Signature
from hubspot.webhooks import (
    SettingsChangeRequest,
    SubscriptionCreateRequest,
    ThrottlingSettings,
)

from sandbox.hubspot.tokens import APP
from tests.sandbox.doors import Doors
from tests.sandbox.hubspot.conftest import Connect, named

pytestmark = pytest.mark.judge("hubspot-api-client 12.0.0")

FIRST = "100000000000000"


def test_it_signs_in_by_oauth(connect: Connect, doors: Doors) -> None:
    """Signs in with a refresh token and reads with the access token it got."""
    keys = doors.keys
    stranger = connect(access_token=None)

    token = stranger.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=keys.hubspot_client_id,
        client_secret=keys.hubspot_client_secret,
        refresh_token=keys.hubspot_refresh_token,
    )
    client = connect(access_token=token.access_token)

    assert token.expires_in == 1800
    about = stranger.oauth.access_tokens_api.get(token.access_token)
    assert "crm.objects.contacts.read" in about.scopes
    page = client.crm.contacts.basic_api.get_page(limit=1)
    assert page.results[0].id == FIRST


def test_it_pages_through_everything(judge: HubSpot) -> None:
    """Pages through all contacts with get_all."""
    everybody = judge.crm.contacts.get_all(properties=["email"])

    assert len({each.id for each in everybody}) == 250
    assert everybody[7].properties["email"] == "person7@c3.example"
    assert isinstance(everybody[7].created_at, datetime)


def test_it_pages_with_history(judge: HubSpot) -> None:
    """Pages through all contacts with the history of a property, 50 at a time."""
    everybody = judge.crm.contacts.get_all(properties_with_history=["firstname"])

    assert len(everybody) == 250
    steps = everybody[0].properties_with_history["firstname"]
    assert [step.value for step in steps] == ["Given0"]


def test_it_finds_what_changed(judge: HubSpot) -> None:
    """Searches for what changed since an instant, page by page."""
    since = int(datetime(2026, 10, 1, 1, tzinfo=UTC).timestamp() * 1000)
    request = contacts.PublicObjectSearchRequest(
        filter_groups=[
            contacts.FilterGroup(
                filters=[
                    contacts.Filter(
                        property_name="lastmodifieddate",
                        operator="GTE",
                        value=str(since),
                    )
                ]
            )
        ],
        sorts=["lastmodifieddate"],
        properties=["email"],
        limit=100,
    )

    first = judge.crm.contacts.search_api.do_search(request)
    request.after = first.paging.next.after
    second = judge.crm.contacts.search_api.do_search(request)

    assert first.total == 130
    assert len(first.results) + len(second.results) == 130
    assert second.paging is None


def test_it_writes_one_record(judge: HubSpot) -> None:
    """Creates, reads, updates by email, archives and reads back one contact."""
    api = judge.crm.contacts.basic_api

    made = api.create(named(email="New@c1.example", firstname="New"))
    changed = api.update(
        "new@c1.example",
        contacts.SimplePublicObjectInput(properties={"firstname": "Old"}),
        id_property="email",
    )
    api.archive(made.id)
    gone = api.get_by_id(made.id, archived=True)

    assert made.properties["email"] == "new@c1.example"
    assert changed.id == made.id
    assert changed.properties["firstname"] == "Old"
    assert gone.archived
    assert gone.archived_at is not None
    with pytest.raises(exceptions.NotFoundException):
        api.get_by_id(made.id)


def test_it_upserts(judge: HubSpot) -> None:
    """Upserts a batch by email: one new, one known, one refused (207)."""
    one = contacts.SimplePublicObjectBatchInputUpsert
    emails = ("person1@c1.example", "other@c1.example", "no address")
    inputs = [
        one(
            id=email,
            id_property="email",
            properties={"lastname": "Upserted"},
            object_write_trace_id=f"row {place}",
        )
        for place, email in enumerate(emails)
    ]

    done = judge.crm.contacts.batch_api.upsert(
        contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)
    )

    assert [(row.object_write_trace_id, row.new) for row in done.results] == [
        ("row 0", False),
        ("row 1", True),
    ]
    assert done.num_errors == 1
    assert done.errors[0].context["objectWriteTraceId"] == ["row 2"]
    assert done.errors[0].errors[0].code == "INVALID_EMAIL"


def test_it_reads_a_batch_with_holes(judge: HubSpot) -> None:
    """Reads a batch of which one record is not there (207)."""
    wanted = companies.BatchReadInputSimplePublicObjectId(
        inputs=[companies.SimplePublicObjectId(id=each) for each in (FIRST, "4711")],
        properties=["name"],
        properties_with_history=[],
    )

    done = judge.crm.companies.batch_api.read(wanted)

    assert [row.properties["name"] for row in done.results] == ["Customer 0 GmbH"]
    assert done.errors[0].category == "OBJECT_NOT_FOUND"
    assert done.errors[0].context["ids"] == ["4711"]


def test_it_creates_updates_and_archives_batches(judge: HubSpot) -> None:
    """Creates, updates and archives a batch of companies."""
    api = judge.crm.companies.batch_api
    new = companies.SimplePublicObjectBatchInputForCreate
    made = api.create(
        companies.BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[
                new(properties={"name": f"Made {number}"}, associations=[])
                for number in range(3)
            ]
        )
    )
    rows = [
        companies.SimplePublicObjectBatchInput(id=row.id, properties={"city": "Ulm"})
        for row in made.results
    ]
    changed = api.update(companies.BatchInputSimplePublicObjectBatchInput(inputs=rows))
    ids = [companies.SimplePublicObjectId(id=row.id) for row in made.results]

    api.archive(companies.BatchInputSimplePublicObjectId(inputs=ids))

    assert [row.properties["city"] for row in changed.results] == ["Ulm"] * 3
    assert len(judge.crm.companies.get_all()) == 4
    assert len(judge.crm.companies.get_all(archived=True)) == 3


def test_it_merges(judge: HubSpot) -> None:
    """Merges two contacts; the id that is gone leads to the survivor."""
    other = "100000000000001"

    kept = judge.crm.contacts.basic_api.merge(
        contacts.PublicMergeInput(primary_object_id=FIRST, object_id_to_merge=other)
    )

    assert kept.id == FIRST
    assert judge.crm.contacts.basic_api.get_by_id(other).id == FIRST


def test_it_forgets(judge: HubSpot) -> None:
    """Deletes a contact for good, as the law on privacy asks."""
    judge.crm.contacts.basic_api.purge(
        contacts.PublicGdprDeleteInput(
            object_id="person3@c3.example", id_property="email"
        )
    )

    with pytest.raises(exceptions.NotFoundException):
        judge.crm.contacts.basic_api.get_by_id("100000000000003", archived=True)


def test_it_associates(judge: HubSpot) -> None:
    """Associates, labels, reads and ends associations with the v4 interface."""
    api = judge.crm.associations.v4
    one = AssociationSpec(
        association_category="HUBSPOT_DEFINED", association_type_id=279
    )
    api.basic_api.create("contacts", FIRST, "companies", FIRST, [one])
    api.basic_api.create_default("contacts", FIRST, "companies", "100000000000001")
    listed = api.basic_api.get_page("contacts", FIRST, "companies")
    wanted = association_models.PublicFetchAssociationsBatchRequest(id=FIRST)
    read = api.batch_api.get_page(
        "companies",
        "contacts",
        association_models.BatchInputPublicFetchAssociationsBatchRequest(
            inputs=[wanted]
        ),
    )

    api.basic_api.archive("contacts", FIRST, "companies", FIRST)

    types = [
        [(each.type_id, each.label) for each in row.association_types]
        for row in listed.results
    ]
    assert types == [[(279, None), (1, "Primary")], [(279, None)]]
    assert [row.to_object_id for row in read.results[0].to] == [FIRST]
    left = api.basic_api.get_page("contacts", FIRST, "companies").results
    assert [row.to_object_id for row in left] == ["100000000000001"]


def test_it_reads_the_schema(judge: HubSpot) -> None:
    """Reads and makes properties, reads owners, pipelines and labels."""
    made = judge.crm.properties.core_api.create(
        "companies",
        properties.PropertyCreate(
            name="churn_risk",
            label="Churn risk",
            type="number",
            field_type="number",
            group_name="companyinformation",
        ),
    )
    every = judge.crm.properties.core_api.get_all("companies").results
    owners = judge.crm.owners.owners_api.get_page().results
    stages = judge.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    labels = judge.crm.associations.v4.schema.definitions_api.get_all(
        "contacts", "companies"
    ).results

    assert made.type == "number"
    assert {"churn_risk", "name", "hs_object_id"} <= {each.name for each in every}
    assert [each.email for each in owners] == ["mara@marketing.example"]
    assert stages[-2].id == "closedwon"
    assert {each.type_id for each in labels} == {279, 1}


def test_it_asks_for_a_path_with_a_date(connect: Connect, doors: Doors) -> None:
    """Reads a dated path, which it has no method for, by a request of its own."""
    with doors.judge_environment():
        answer = connect().api_request(
            {"path": "/crm/objects/2026-09/contacts", "qs": {"limit": 3}}
        )

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 3


def test_webhooks_pass_its_signature_check(connect: Connect, doors: Doors) -> None:
    """Subscribes, and the deliveries pass Signature.is_valid."""
    client = connect(access_token=None, api_key=doors.keys.hubspot_developer_key)
    with listening() as (url, heard):
        client.webhooks.settings_api.configure(
            APP,
            SettingsChangeRequest(
                target_url=url,
                throttling=ThrottlingSettings(max_concurrent_requests=10),
            ),
        )
        client.webhooks.subscriptions_api.create(
            APP,
            SubscriptionCreateRequest(
                event_type="contact.propertyChange",
                property_name="firstname",
                active=True,
            ),
        )
        connect().crm.contacts.batch_api.update(
            contacts.BatchInputSimplePublicObjectBatchInput(
                inputs=[
                    contacts.SimplePublicObjectBatchInput(
                        id=str(int(FIRST) + number), properties={"firstname": "Ünal"}
                    )
                    for number in range(100)
                ]
            )
        )
        body, headers = heard.get(timeout=10)

    events = json.loads(body)
    assert len(events) == 100
    assert events[0]["subscriptionType"] == "contact.propertyChange"
    assert events[0]["propertyValue"] == "Ünal"
    checked: dict[str, Any] = {
        "client_secret": doors.keys.hubspot_client_secret,
        "http_uri": url,
        "signature_version": "v3",
        "timestamp": headers["X-HubSpot-Request-Timestamp"],
    }
    signature = headers["X-HubSpot-Signature-v3"]
    assert Signature.is_valid(signature, request_body=body, **checked)
    assert not Signature.is_valid(signature, request_body=body + " ", **checked)


@contextmanager
def listening() -> Iterator[tuple[str, "Queue[tuple[str, Any]]"]]:
    """Listen for deliveries on a loopback port."""
    heard: Queue[tuple[str, Any]] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put((body.decode(), self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
