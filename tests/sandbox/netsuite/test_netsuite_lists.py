"""Lists of records with filters, the catalog, limits, and paths that are not there."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

HOST = "https://1234567.suitetalk.api.netsuite.com"
REST = f"{HOST}/services/rest"
Said = Callable[[httpx.Response], tuple[int, str]]


def ids(reading: Any, path: str, **query: Any) -> list[str]:
    """Return the ids of a list."""
    response = reading.record("GET", path, params=query)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def test_a_list_has_ids_and_links(reading: Any) -> None:
    """Nothing else of a record, but where to find it and the next page."""
    page = reading.record("GET", "customer?limit=1").json()

    assert page["items"] == [
        {
            "links": [{"rel": "self", "href": f"{REST}/record/v1/customer/1001"}],
            "id": "1001",
        }
    ]
    assert (page["hasMore"], page["totalResults"]) == (True, 2)
    assert page["links"][0] == {
        "rel": "next",
        "href": f"{REST}/record/v1/customer?limit=1&offset=1",
    }


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('companyName IS "Customer 1"', ["1001"]),
        ('companyName START_WITH "cust"', ["1001", "1002"]),
        ('companyName CONTAIN "2"', ["1002"]),
        ('companyName CONTAIN_NOT "2"', ["1001"]),
        ('companyName END_WITH "1"', ["1001"]),
        ('companyName CONTAIN "%"', []),
        ("email EMPTY", ["1001"]),
        ("email EMPTY_NOT", ["1002"]),
        ("id ANY_OF [1001, 9]", ["1001"]),
        ("id EQUAL 1002", ["1002"]),
        ("id GREATER 1001", ["1002"]),
        ("id BETWEEN [1001, 1002]", ["1001", "1002"]),
        ("isInactive IS false", ["1001", "1002"]),
        ("isInactive IS true", []),
        ("currency ANY_OF [4]", ["1002"]),
        ('lastModifiedDate AFTER "10/1/2026"', ["1002"]),
        ('lastModifiedDate ON_OR_AFTER "10/1/2026"', ["1001", "1002"]),
        ('lastModifiedDate ON "10/1/2026"', ["1001"]),
        ('lastModifiedDate BEFORE "10/2/2026"', ["1001"]),
        ('lastModifiedDate ON_OR_BEFORE "10/2/2026"', ["1001", "1002"]),
        ("id EQUAL 1001 OR (id EQUAL 1002 AND email EMPTY)", ["1001"]),
    ],
)
def test_a_filter_finds_what_it_says(
    reading: Any, condition: str, found: list[str]
) -> None:
    """Operators as Oracle lists them, by the kind of the field."""
    assert ids(reading, "customer", q=condition) == found


@pytest.mark.parametrize(
    "condition",
    [
        "nope IS 1",
        "email NEAR 5",
        "id CONTAIN 5",
        "companyName",
        'companyName IS "x',
        "(id EQUAL 1",
        "id EQUAL x",
        "id ANY_OF 5",
        "id ANY_OF [1",
        "id ANY_OF []",
        "id BETWEEN [1]",
        "id EQUAL 1 id EQUAL 2",
        "isInactive IS 5",
        'lastModifiedDate AFTER "2026-10-01"',
        "id EQUAL 1; DROP TABLE x",
        "(" * 100 + "id EQUAL 1" + ")" * 100,
        "id EQUAL " + "9" * 400,
        "x" * 10_001,
    ],
)
def test_a_filter_that_is_not_understood_is_refused(
    reading: Any, said: Said, condition: str
) -> None:
    """Never all records instead of those that were meant."""
    response = reading.record("GET", "customer", params={"q": condition})

    assert said(response) == (400, "INVALID_PARAMETER")


def test_the_catalog_lists_and_describes(reading: Any, said: Said) -> None:
    """By name; as JSON schema or as OpenAPI, as the header asks."""
    base = f"{REST}/record/v1/metadata-catalog"

    names = [item["name"] for item in reading.client.get(base).json()["items"]]
    schema = reading.client.get(
        f"{base}/invoice", headers={"Accept": "application/schema+json"}
    )
    openapi = reading.client.get(
        f"{base}?select=customer", headers={"Accept": "application/swagger+json"}
    )
    links = reading.client.get(f"{base}/customer").json()

    assert {"customer", "invoice", "creditMemo", "journalEntry"} <= set(names)
    assert schema.json()["properties"]["item"]["type"] == "object"
    assert schema.headers["content-type"] == "application/schema+json"
    assert "post" in openapi.json()["paths"]["/customer"]
    assert links["name"] == "customer"
    assert said(reading.client.get(f"{base}/nope"))[0] == 404
    assert said(reading.client.get(f"{base}?select=nope"))[0] == 404
    assert (
        said(reading.client.get(f"{base}/customer", headers={"Accept": "text/xml"}))[0]
        == 406
    )


def test_an_administrator_learns_the_limits(erp: Any, said: Said) -> None:
    """How many requests at a time; others are forbidden to ask."""
    url = f"{REST}/system/v1/governanceLimits"
    limits = erp.client.get(url).json()
    erp.set(role="accountant")

    assert limits == {
        "type": "accountLimit",
        "accountConcurrencyLimit": 15,
        "accountUnallocatedConcurrencyLimit": 15,
    }
    assert said(erp.client.get(url)) == (403, "INSUFFICIENT_PERMISSION")


def test_an_account_without_room_blocks(erp: Any, said: Said) -> None:
    """429 for records and queries, another code for RESTlets."""
    erp.set(concurrency_limit=0)

    restlet = erp.client.get(
        "https://1234567.restlets.api.netsuite.com/app/site/hosting/restlet.nl?script=1"
    )

    blocked = erp.suiteql("SELECT id FROM customer")
    assert said(blocked) == (429, "CONCURRENCY_LIMIT_EXCEEDED")
    assert (restlet.status_code, restlet.json()["error"]["code"]) == (
        400,
        "SSS_REQUEST_LIMIT_EXCEEDED",
    )


def test_a_request_of_a_quarter_of_an_hour_is_ended(erp: Any, said: Said) -> None:
    """Longer than 15 minutes none may take."""
    erp.set(seconds_per_request=901)

    assert said(erp.suiteql("SELECT id FROM customer")) == (503, "UNEXPECTED_ERROR")


def test_a_body_has_its_greatest_size(
    reading: Any, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond 104 MB (here less) nothing is read."""
    monkeypatch.setattr("sandbox.netsuite.shapes.MAX_BODY_BYTES", 1000)

    response = reading.record("POST", "customer", content=b'"' + b"x" * 2000 + b'"')

    assert said(response) == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", f"{HOST}/", 404),
        ("GET", f"{HOST}/services/rest/nope", 404),
        ("GET", f"{HOST}/services/soap", 404),
        ("PUT", f"{REST}/query/v1/suiteql", 405),
        ("GET", f"{REST}/query/v1/suiteql", 405),
        ("PATCH", f"{REST}/system/v1/governanceLimits", 405),
        ("GET", f"{REST}/record/v1/customer/%00", 404),
        ("GET", f"{REST}/record/v1/customer/1%2F2", 404),
        ("GET", f"{REST}/record/v1/customer/{'9' * 3000}", 404),
        ("GET", f"{REST}/record/v1/%F0%9F%98%80/1", 404),
        ("GET", f"{REST}/record/v1/customer?limit=x", 400),
        ("GET", f"{REST}/record/v1/customer?offset=-1", 400),
    ],
)
def test_a_path_that_is_not_there_is_said_in_netsuite_s_shape(
    reading: Any, said: Said, method: str, url: str, status: int
) -> None:
    """Never a page of HTML, never a bare status."""
    assert said(reading.client.request(method, url))[0] == status


def test_the_server_tells_its_time(erp: Any) -> None:
    """The sandbox's time, not the wall's."""
    erp.clock.advance(60)

    answer = erp.client.get(f"{REST}/system/v1/serverTime").json()

    assert answer == {"currentTime": "2026-11-01T12:01:00.000Z"}
