"""The community's `netsuite` client, unmodified, at NetSuite's real hostname."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.sandbox.doors import Doors

pytestmark = [
    pytest.mark.judge("netsuite 0.12.0"),
    # Authlib, which the client signs with, foretells a successor of httpx.
    pytest.mark.filterwarnings("ignore:.*httpx2.*"),
]

Call = Callable[[Any], Awaitable[Any]]


@contextmanager
def _client(doors: Doors, **changes: Any) -> Iterator[Any]:
    from netsuite import Config, NetSuiteRestApi, TokenAuth

    keys = doors.keys
    auth = {
        "consumer_key": keys.netsuite_consumer_key,
        "consumer_secret": keys.netsuite_consumer_secret,
        "token_id": keys.netsuite_token_id,
        "token_secret": keys.netsuite_token_secret,
    }
    account = changes.pop("account", keys.netsuite_account)
    concurrent = changes.pop("concurrent_requests", 10)
    config = Config(account=account, auth=TokenAuth(**auth | changes))
    with doors.judge_environment():
        yield NetSuiteRestApi(config, concurrent_requests=concurrent)


def ask(doors: Doors, call: Call, **changes: Any) -> Any:
    """Let the client make a call; `changes` spoil its credentials."""
    with _client(doors, **changes) as client:
        return asyncio.run(call(client))


def refused(doors: Doors, call: Call, **changes: Any) -> tuple[int, str]:
    """Return the status and the code that the client's own exception carries."""
    from netsuite.exceptions import NetsuiteAPIRequestError

    with pytest.raises(NetsuiteAPIRequestError) as caught:
        ask(doors, call, **changes)
    details = json.loads(caught.value.response_text)["o:errorDetails"]
    return caught.value.status_code, details[0]["o:errorCode"]


def test_it_signs_in(doors: Doors) -> None:
    """Signs every request (OAuth 1, HMAC-SHA256) and asks whose token it has."""
    info = ask(doors, lambda client: client.token_info())

    assert (info["companyId"], info["roleName"]) == ("1234567", "Administrator")


def test_it_pages_through_everything(doors: Doors) -> None:
    """Pages through all transactions with SuiteQL, by offset and by its links."""

    async def read(client: Any) -> list[str]:
        found, offset, more = [], 0, True
        while more:
            page = await client.suiteql(
                "SELECT id FROM transaction ORDER BY id", limit=2, offset=offset
            )
            found += [row["id"] for row in page["items"]]
            offset, more = offset + 2, page["hasMore"]
        return found

    assert ask(doors, read) == ["9995", "10000", "10005", "10010"]


def test_it_filters_by_change_time(doors: Doors) -> None:
    """Filters by `lastmodifieddate` with TO_TIMESTAMP, and reads the stamp back."""
    mask = "'YYYY-MM-DD HH24:MI:SS'"

    def since(moment: str) -> Call:
        return lambda client: client.suiteql(
            f"SELECT id, TO_CHAR(lastmodifieddate, {mask}) AS at FROM customer"
            f" WHERE lastmodifieddate >= TO_TIMESTAMP('{moment}', {mask})"
        )

    first = ask(doors, since("2026-10-01 11:00:00"))["items"]
    later = ask(doors, since("2026-10-01 11:00:01"))["items"]

    assert {"links": [], "id": "1001", "at": "2026-10-01 11:00:00"} in first
    assert "1001" not in [row["id"] for row in later]


def test_it_creates_updates_upserts_and_deletes(doors: Doors) -> None:
    """Posts, patches, puts by external id, gets and deletes a customer."""

    async def live(client: Any) -> list[Any]:
        path = "/record/v1/customer"
        made = {"companyName": "Judge Ltd", "externalId": "judge_1"}
        answers = [await client.post(path, json=made)]
        found = await client.get(f"{path}/eid:judge_1")
        answers += [
            await client.patch(f"{path}/{found['id']}", json={"email": "a@judge.test"}),
            await client.put(f"{path}/eid:judge_1", json={"companyName": "Judge"}),
            await client.get(f"{path}/{found['id']}"),
            await client.delete(f"{path}/{found['id']}"),
        ]
        return answers

    post, patch, put, got, deleted = ask(doors, live)

    assert (post, patch, put, deleted) == (None, None, None, None)
    assert (got["companyName"], got["email"]) == ("Judge", "a@judge.test")


def test_it_reads_the_metadata(doors: Doors) -> None:
    """Reads JSON schema and OpenAPI of the records."""
    schema = ask(doors, lambda client: client.jsonschema("customer"))
    openapi = ask(doors, lambda client: client.openapi(["customer", "invoice"]))

    assert schema["properties"]["companyName"]["type"] == "string"
    assert set(openapi["components"]["schemas"]) == {"customer", "invoice"}


def test_it_hits_the_concurrency_limit(doors: Doors) -> None:
    """Sends eight requests at once where five are allowed; three get a 429."""
    from netsuite.exceptions import NetsuiteAPIRequestError

    doors.store.set_conditions(
        {"netsuite": {"concurrency_limit": 5, "seconds_per_request": 0.4}}
    )

    async def rush(client: Any) -> list[Any]:
        query = "SELECT id FROM customer"
        calls = [client.suiteql(query) for _ in range(8)]
        return await asyncio.gather(*calls, return_exceptions=True)

    answers = ask(doors, rush)
    doors.store.set_conditions(
        {"netsuite": {"concurrency_limit": None, "seconds_per_request": None}}
    )

    blocked = [e for e in answers if isinstance(e, NetsuiteAPIRequestError)]
    assert [each.status_code for each in blocked] == [429] * 3
    assert all("CONCURRENCY_LIMIT_EXCEEDED" in str(each) for each in blocked)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda c: c.suiteql("SELECT nope FROM customer"), (400, "INVALID_PARAMETER")),
        (
            lambda c: c.suiteql("SELECT id FROM x", limit=2000),
            (400, "INVALID_PARAMETER"),
        ),
        (lambda c: c.get("/record/v1/customer/9"), (404, "NONEXISTENT_ID")),
        (lambda c: c.get("/nowhere"), (404, "NONEXISTENT_ID")),
        (lambda c: c.delete("/query/v1/suiteql"), (405, "METHOD_NOT_ALLOWED")),
        (
            lambda c: c.post("/record/v1/customer", json={"nope": 1}),
            (400, "INVALID_CONTENT"),
        ),
        (lambda c: c.post("/record/v1/customer", json={}), (400, "USER_ERROR")),
        (lambda c: c.post("/record/v1/customer", data="{"), (400, "INVALID_CONTENT")),
        (
            lambda c: c.put(
                "/record/v1/customer/eid:other",
                json={"companyName": "x", "entityId": "CUST1"},
            ),
            (400, "DUP_ENTITY"),
        ),
    ],
)
def test_every_refusal_arrives_as_its_exception(
    doors: Doors, call: Call, expected: tuple[int, str]
) -> None:
    """Meets each class of refusal as NetsuiteAPIRequestError, code in the text."""
    assert refused(doors, call) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_secret": "x"},
        {"token_id": "x"},
        {"consumer_key": "x"},
        {"consumer_secret": "x"},
    ],
)
def test_a_wrong_credential_arrives_as_its_exception(
    doors: Doors, wrong: dict[str, str]
) -> None:
    """Signs with a wrong secret or name: a 401 as NetsuiteAPIRequestError."""
    call: Call = lambda client: client.suiteql("SELECT id FROM customer")  # noqa: E731

    assert refused(doors, call, **wrong) == (401, "INVALID_LOGIN")


def test_a_role_without_permission_arrives_as_its_exception(doors: Doors) -> None:
    """Asks for a record, and for limits, that its role may not see: a 403."""
    doors.store.set_conditions({"netsuite": {"denied": ["invoice"], "role": "sales"}})

    read = refused(doors, lambda client: client.get("/record/v1/invoice/9995"))
    limits = refused(doors, lambda client: client.get("/system/v1/governanceLimits"))
    doors.store.set_conditions({"netsuite": {"denied": None, "role": None}})

    assert read == limits == (403, "INSUFFICIENT_PERMISSION")


def test_a_changed_record_and_a_closed_period_arrive(doors: Doors) -> None:
    """Meets a locked row and a closed period as NetsuiteAPIRequestError."""
    doors.store.lock("netsuite", "customer", "1001", 60)
    doors.store.set_conditions({"netsuite": {"closed_through": "2026-10-31"}})

    locked = refused(
        doors, lambda c: c.patch("/record/v1/customer/1001", json={"phone": "1"})
    )
    closed = refused(
        doors, lambda c: c.patch("/record/v1/invoice/10000", json={"memo": "x"})
    )
    doors.store.set_conditions({"netsuite": {"closed_through": None}})

    assert locked == (400, "RCRD_HAS_BEEN_CHANGED")
    assert closed == (400, "USER_ERROR")


def test_an_answer_without_json_arrives_as_its_exception(doors: Doors) -> None:
    """Sends an asynchronous request, whose 202 is empty: a parsing error of its own."""
    from netsuite.exceptions import NetsuiteAPIResponseParsingError

    made = {"companyName": "Later Ltd"}

    with pytest.raises(NetsuiteAPIResponseParsingError, match="HTTP202"):
        ask(
            doors,
            lambda client: client.post(
                "/record/v1/customer", json=made, headers={"Prefer": "respond-async"}
            ),
        )


def test_a_restlet_that_is_not_there_arrives_as_its_exception(doors: Doors) -> None:
    """Calls a RESTlet at the RESTlet host: its error as NetsuiteAPIRequestError."""
    from netsuite import Config, NetSuiteRestlet, TokenAuth
    from netsuite.exceptions import NetsuiteAPIRequestError

    keys = doors.keys
    auth = TokenAuth(
        consumer_key=keys.netsuite_consumer_key,
        consumer_secret=keys.netsuite_consumer_secret,
        token_id=keys.netsuite_token_id,
        token_secret=keys.netsuite_token_secret,
    )
    restlet = NetSuiteRestlet(Config(account=keys.netsuite_account, auth=auth))

    with (
        doors.judge_environment(),
        pytest.raises(NetsuiteAPIRequestError, match="SSS_INVALID_SCRIPTLET_ID"),
    ):
        asyncio.run(restlet.get(1))
