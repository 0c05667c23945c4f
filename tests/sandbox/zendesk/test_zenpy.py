"""The client zenpy, unmodified, at concord.zendesk.com through the third door."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from zenpy import Zenpy
from zenpy.lib.api_objects import (
    Comment,
    Organization,
    Ticket,
    User,
    Webhook,
)
from zenpy.lib.exception import (
    APIException,
    RatelimitBudgetExceeded,
    RecordNotFoundException,
    SearchResponseLimitExceeded,
    TooManyValuesException,
)

pytestmark = pytest.mark.judge("zenpy 2.0.57")


@pytest.fixture
def zenpy(served: Any) -> Iterator[Zenpy]:
    """A client that signed in with an API token."""
    with served.doors.judge_environment():
        yield Zenpy(
            subdomain="concord",
            email=served.keys.zendesk_email,
            token=served.keys.zendesk_api_token,
        )


def with_token(served: Any, **more: Any) -> Zenpy:
    """Return a client that has an OAuth token."""
    answer = served.zendesk.post(
        f"{served.url}/zendesk/oauth/tokens",
        json={
            "grant_type": "client_credentials",
            "client_id": served.keys.zendesk_client_id,
            "client_secret": served.keys.zendesk_client_secret,
            "scope": "read write",
        },
    ).json()
    return Zenpy(subdomain="concord", oauth_token=answer["access_token"], **more)


def test_it_signs_in_with_a_token_of_the_api(zenpy: Zenpy) -> None:
    """Signs in with an address and an API token."""
    assert zenpy.users.me().role == "admin"


def test_it_signs_in_with_oauth_until_the_token_expires(served: Any) -> None:
    """Signs in with an OAuth token; an expired one is an APIException."""
    with served.doors.judge_environment():
        zenpy = with_token(served)
        name = zenpy.users(id=501).name
        served.clock.advance(172_801)
        zenpy = Zenpy(
            subdomain="concord",
            oauth_token=zenpy.users.session.headers["Authorization"].removeprefix(
                "Bearer "
            ),
        )
        with pytest.raises(APIException) as refused:
            zenpy.users(id=501)

    assert name == "User 1"
    assert refused.value.response.status_code == 401


def test_a_stranger_is_refused(served: Any) -> None:
    """A wrong token is an APIException with status 401."""
    with served.doors.judge_environment():
        zenpy = Zenpy(subdomain="concord", email="a@b.example", token="wrong")
        with pytest.raises(APIException) as refused:
            zenpy.users(id=501)

    assert refused.value.response.status_code == 401
    assert "Couldn't authenticate you" in str(refused.value)


def test_it_pages_through_everything(served: Any, zenpy: Zenpy) -> None:
    """Follows the cursors of organizations, users, tickets and the groups of fields."""
    for number in range(250):
        zenpy_id = 2000 + number
        served.store.load(
            {"zendesk": {"organization": [{"id": zenpy_id, "name": f"N{number}"}]}}
        )

    organizations = [each.id for each in zenpy.organizations()]
    small = [each.id for each in zenpy.organizations(cursor_pagination=2)]
    users = [each.id for each in zenpy.users()]
    tickets = [each.id for each in zenpy.tickets()]
    fields = [each.key for each in zenpy.organization_fields()]

    assert organizations == [100, 101, 102, *range(2000, 2250)]
    assert small == organizations
    assert users == [501, 502, 503]
    assert tickets == [701, 702, 703, 704]
    assert fields == ["support_tier"]


def test_it_pages_by_number(served: Any, zenpy: Zenpy) -> None:
    """Follows page numbers where it is told to."""
    served.store.load(
        {
            "zendesk": {
                "organization": [
                    {"id": 2000 + number, "name": f"N{number}"} for number in range(150)
                ]
            }
        }
    )

    found = zenpy.organizations(cursor_pagination=False)

    assert len(found) == 153
    assert len(list(found)) == 153


def test_it_reads_one_and_many(zenpy: Zenpy) -> None:
    """Reads one record, many by id, by external id, and those of an organization."""
    zenpy.disable_caching()

    assert zenpy.organizations(id=101).name == "Customer 1"
    assert [each.id for each in zenpy.users(ids=[503, 999, 501])] == [503, 501]
    assert [each.id for each in zenpy.users.search(query="user3@c0.example")] == [503]
    assert [each.id for each in zenpy.organizations.users(100)] == [502, 503]
    assert [each.id for each in zenpy.users.requested(502)][:2] == [701, 702]
    assert zenpy.tickets(id=701).requester.email == "user2@c0.example"


def test_it_follows_the_exports(served: Any, zenpy: Zenpy) -> None:
    """Follows the cursor exports of tickets and users, and the ones by time."""
    start = datetime(2026, 10, 2, tzinfo=UTC)

    tickets = [each.id for each in zenpy.tickets.incremental(start, per_page=2)]
    users = [each.id for each in zenpy.users.incremental(start, per_page=1)]
    by_time = [
        each.id
        for each in zenpy.tickets.incremental(start, paginate_by_time=True, per_page=1)
    ]
    organizations = {each.id for each in zenpy.organizations.incremental(0, per_page=1)}
    events = [each.ticket_id for each in zenpy.tickets.events(0)]

    assert tickets == [702, 703, 704]
    assert users == [502, 503]
    assert sorted(set(by_time)) == [702, 703, 704]
    assert len(by_time) > 3  # pages begin with the second on which the last one ended
    assert organizations == {100, 101, 102}
    assert events == [701, 702, 703, 704]
    assert served.store.journal == []


def test_it_goes_on_from_a_cursor(served: Any, zenpy: Zenpy) -> None:
    """A kept cursor leads to what changed since, deleted tickets among it."""
    pages = zenpy.tickets.incremental(start_time=0)
    list(pages)
    zenpy.tickets.delete(Ticket(id=703))
    served.edit("ticket", 701, priority="urgent")

    changed = list(zenpy.tickets.incremental(cursor=pages.after_cursor))

    assert {each.id: each.status for each in changed} == {701: "open", 703: "deleted"}
    assert [each.id for each in zenpy.tickets()] == [701, 702, 704]
    assert [each.id for each in zenpy.tickets.deleted()] == [703]


def test_it_searches_by_change_time(served: Any, zenpy: Zenpy) -> None:
    """Filters by the time of change, the type and fields."""
    served.edit("organization", 101, notes="x")
    since = datetime(2026, 10, 31)  # noqa: DTZ001 -- zenpy takes it as UTC

    changed = zenpy.search(type="organization", updated_after=since)
    between = zenpy.search(
        type="ticket",
        updated_between=[
            datetime(2026, 10, 2),  # noqa: DTZ001 -- the same
            datetime(2026, 10, 4),  # noqa: DTZ001 -- the same
        ],
    )
    counted = zenpy.search.count(type="ticket", priority="high")

    assert [each.name for each in changed] == ["Customer 1"]
    assert [each.id for each in between] == [702, 703]
    assert counted == 2


def test_a_search_ends_after_a_thousand(served: Any, zenpy: Zenpy) -> None:
    """The client takes a thousand results and says that there were more."""
    _many(served, 1050)

    found = list(zenpy.search(type="organization"))
    url = zenpy.search._build_url(zenpy.search.endpoint("N"))
    with pytest.raises(SearchResponseLimitExceeded):
        zenpy.search._get(url, params={"page": 11})
    exported = list(zenpy.search_export(type="organization", cursor_pagination=400))

    assert len(found) == 1000
    assert len(exported) == 1053


def test_it_creates_updates_and_deletes(served: Any, zenpy: Zenpy) -> None:
    """Creates, changes and deletes an organization, a user and a ticket."""
    organization = zenpy.organizations.create(
        Organization(name="New", external_id="acc_9", domain_names=["new.example"])
    )
    user = zenpy.users.create(
        User(name="Ada", email="ada@new.example", organization_id=organization.id)
    )
    audit = zenpy.tickets.create(
        Ticket(subject="Help", description="It broke", requester_id=user.id)
    )
    ticket = audit.ticket
    ticket.status = "pending"
    ticket.comment = Comment(body="Looking at it", public=False)
    changed = zenpy.tickets.update(ticket)
    user.name = "Ada L."
    zenpy.users.update(user)

    assert (changed.ticket.status, changed.audit.events[0]["type"]) == (
        "pending",
        "Comment",
    )
    assert [each.body for each in zenpy.tickets.comments(ticket)] == [
        "It broke",
        "Looking at it",
    ]
    assert [each.ticket_id for each in zenpy.tickets.audits(ticket)] == [ticket.id] * 2
    zenpy.tickets.delete(ticket)
    zenpy.users.delete(user)
    zenpy.organizations.delete(organization)
    zenpy.disable_caching()
    with pytest.raises(RecordNotFoundException):
        zenpy.tickets(id=ticket.id)
    with pytest.raises(RecordNotFoundException):
        zenpy.organizations(id=organization.id)
    assert zenpy.users(id=user.id).active is False
    assert zenpy.users.permanently_delete(user) is not None
    assert {line.actor for line in served.store.journal} <= {"api", "system"}


def test_it_creates_or_updates(zenpy: Zenpy) -> None:
    """Matches a user by address and an organization by external id."""
    made = zenpy.users.create_or_update(User(name="Ada", email="ada@c0.example"))
    again = zenpy.users.create_or_update(User(name="Ada L.", email="ADA@c0.example"))
    organization = zenpy.organizations.create_or_update(
        Organization(name="Customer 0 Ltd", external_id="acc_0")
    )

    assert (again.id, again.name) == (made.id, "Ada L.")
    assert (organization.id, organization.name) == (100, "Customer 0 Ltd")


def test_it_waits_for_jobs(served: Any, zenpy: Zenpy) -> None:
    """Creates, changes and deletes many, and follows the job to its results."""
    served.conditions(job_seconds=30)
    job = zenpy.users.create_or_update(
        [
            User(name="Ada", email="ada@c0.example"),
            User(name="User Two", email="user2@c0.example"),
            User(name="", email="broken"),
        ]
    )
    states = [job.status]
    for _ in "abc":
        served.clock.advance(11)
        zenpy.disable_caching()
        job = zenpy.job_status(id=job.id)
        states.append(job.status)

    assert states == ["queued", "working", "working", "completed"]
    assert [each.status for each in job.results] == ["Created", "Updated", "Failed"]
    assert job.results[2].error == "RecordInvalid"
    assert zenpy.users(id=502).name == "User Two"
    served.conditions(job_seconds=0)
    for job in (
        zenpy.organizations.create([Organization(name="A"), Organization(name="B")]),
        zenpy.organizations.update([Organization(id=101, name="C")]),
        zenpy.organizations.delete([Organization(id=102)]),
        zenpy.tickets.update([Ticket(id=701, status="solved")]),
        zenpy.tickets.delete([Ticket(id=702), Ticket(id=703)]),
    ):
        done = zenpy.job_status(id=job.id)
        assert (done.status, {each.success for each in done.results}) == (
            "completed",
            {True},
        )
    assert [each.name for each in zenpy.organizations()] == [
        "Customer 0",
        "C",
        "A",
        "B",
    ]


def test_it_meets_the_rate_limit(served: Any) -> None:
    """Gives up when its own budget of waiting is spent, and says so."""
    served.conditions(calls_per_minute=2)
    with served.doors.judge_environment():
        zenpy = Zenpy(
            subdomain="concord",
            email=served.keys.zendesk_email,
            token=served.keys.zendesk_api_token,
            ratelimit_budget=1,
            disable_cache=True,
        )
        zenpy.users(id=501)
        zenpy.users(id=501)
        with pytest.raises(RatelimitBudgetExceeded):
            zenpy.users(id=501)


def test_errors_are_the_clients_own(served: Any, zenpy: Zenpy) -> None:
    """Each refusal is the exception that the client has for it."""
    with pytest.raises(RecordNotFoundException):
        zenpy.users(id=999)
    with pytest.raises(TooManyValuesException):
        zenpy.organizations(ids=list(range(1, 102)))
    with pytest.raises(APIException) as broken:
        zenpy.organizations.create(Organization(name="customer 0"))
    served.conditions(bulk_user_imports=False)
    with pytest.raises(APIException) as forbidden:
        zenpy.users.create_or_update([User(name="A", email="a@c0.example")])
    with pytest.raises(APIException) as conflict:
        zenpy.tickets.update(
            Ticket(
                id=701,
                status="solved",
                safe_update=True,
                updated_stamp="2026-09-01T00:00:00Z",
            )
        )

    assert [
        each.value.response.status_code for each in (broken, forbidden, conflict)
    ] == [422, 403, 409]
    assert "has already been taken" in str(broken.value)


def test_it_manages_webhooks(zenpy: Zenpy) -> None:
    """Creates, shows, lists, changes and deletes a webhook, and reads its secret."""
    made = zenpy.webhooks.create(
        Webhook(
            name="Concord",
            endpoint="http://127.0.0.1:9/zendesk",
            http_method="POST",
            request_format="json",
            status="active",
            subscriptions=["zen:event-type:organization.name_changed"],
        )
    )
    made.name = "Concord 2"
    zenpy.webhooks.patch(made)
    secret = zenpy.webhooks.show_secret(made)

    assert [each.name for each in zenpy.webhooks.list()] == ["Concord 2"]
    assert (secret.algorithm, len(secret.secret)) == ("SHA256", 56)
    zenpy.webhooks.delete(made)
    assert list(zenpy.webhooks.list()) == []


def _many(served: Any, number: int) -> None:
    served.store.load(
        {
            "zendesk": {
                "organization": [
                    {
                        "id": 2000 + place,
                        "name": f"N{place}",
                        "created_at": "2026-10-01T00:00:00Z",
                        "updated_at": "2026-10-01T00:00:00Z",
                    }
                    for place in range(number)
                ]
            }
        }
    )
