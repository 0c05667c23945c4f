"""Business Central's reads as OData describes them."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

COMPANY = "11111111-1111-1111-1111-111111111111"


def test_the_companies_are_listed(reading: Any) -> None:
    """Every other address begins with one of them."""
    url = reading.url().rpartition("(")[0]

    page = reading.client.get(url).json()

    assert [each["name"] for each in page["value"]] == ["Concord GmbH", "Concord SAS"]
    assert page["@odata.context"].endswith("/api/v2.0/$metadata#companies")


def test_a_company_shows_only_its_own(reading: Any) -> None:
    """A record of another company is not found by its id either."""
    other = "00000001-0000-0000-0000-000000000009"

    numbers = reading.values("/customers")
    missing = reading.get(f"/customers({other})")

    assert numbers == ["C00001", "C00002", "C00003", "C00004", "C00005"]
    assert (missing.status_code, missing.json()["error"]["code"]) == (
        404,
        "Internal_RecordNotFound",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("number eq 'C00002'", [2]),
        ("number ne 'C00002'", [1, 3, 4, 5]),
        ("city eq 'O''Hara'", [1, 3, 5]),
        ("lastModifiedDateTime gt 2026-10-03T08:00:00.122Z", [3, 4, 5]),
        ("lastModifiedDateTime gt 2026-10-03T10:00:00.123+02:00", [4, 5]),
        ("lastModifiedDateTime le 2026-10-02", [1]),
        ("balance ge 31.5", [3, 4, 5]),
        ("balance ge 31.5 and city eq 'Berlin'", [4]),
        ("number eq 'C00001' or number eq 'C00004'", [1, 4]),
        ("not (balance ge 31.5)", [1, 2]),
        ("not contains(city, 'erl') and balance lt 50", [1, 3]),
        ("contains(displayName,'mer 5')", [5]),
        ("startswith(displayName, 'Customer') and endswith(number, '3')", [3]),
        ("contains(displayName,'%')", []),
        ("taxLiable eq true", [1, 2, 3, 4, 5]),
        ("blocked eq null", [1, 2, 3, 4, 5]),
        (" or ".join(["number eq 'C00002'"] * 300), [2]),
        ("not (" * 5 + "number eq 'C00002'" + ")" * 5, [1, 3, 4, 5]),
        ("id eq 00000001-0000-0000-0000-000000000004", [4]),
    ],
)
def test_a_filter_finds(reading: Any, text: str, expected: list[int]) -> None:
    """Each operator and function of the documentation finds what it says."""
    found = reading.values("/customers", filter=text)

    assert found == [f"C{number:05}" for number in expected]


def test_options_shape_the_answer(reading: Any) -> None:
    """Fields, order, skipping and counting are as asked."""
    page = reading.get(
        "/customers",
        select="number,balance",
        orderby="number desc",
        top=2,
        skip=1,
        count="true",
    ).json()

    assert page["@odata.count"] == 5
    assert [(each["number"], each["balance"]) for each in page["value"]] == [
        ("C00004", 42.0),
        ("C00003", 31.5),
    ]
    assert set(page["value"][0]) == {"@odata.etag", "number", "balance"}
    assert "@odata.nextLink" not in page


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"orderby": "displayName desc"},
        {"orderby": "city,number"},
        {"filter": "balance gt 0", "select": "number"},
        {"top": "4"},
    ],
)
def test_pages_join_without_a_gap(erp: Any, options: dict[str, str]) -> None:
    """Following the links gives what one large page gives."""
    whole = erp.values("/customers", **options)
    erp.conditions(page_size=2)

    first = erp.get("/customers", **options).json()

    assert len(first["value"]) == 2
    assert "@odata.nextLink" in first
    assert erp.values("/customers", **options) == whole


def test_a_caller_prefers_small_pages(reading: Any) -> None:
    """A page above the vendor's largest is too large."""
    small = reading.client.get(
        reading.url("/customers"), headers={"Prefer": "odata.maxpagesize=3"}
    )
    large = reading.client.get(
        reading.url("/customers"), headers={"Prefer": "odata.maxpagesize=20001"}
    )

    assert len(small.json()["value"]) == 3
    assert large.status_code == 413


def test_what_a_record_leads_to_is_expanded(erp: Any) -> None:
    """One level: lines in their document, the customer beside."""
    made = erp.post("/salesInvoices", {"customerNumber": "C00001"}).json()
    line = {"itemId": "00000002-0000-0000-0000-000000000001", "quantity": 2}
    erp.post(f"/salesInvoices({made['id']})/salesInvoiceLines", line)

    page = erp.get("/salesInvoices", expand="salesInvoiceLines,customer").json()
    one = erp.get(f"/salesInvoices({made['id']})", expand="salesInvoiceLines").json()
    customer = erp.get(f"/salesInvoices({made['id']})/customer").json()

    (invoice,) = page["value"]
    assert [each["quantity"] for each in invoice["salesInvoiceLines"]] == [2]
    assert invoice["customer"]["displayName"] == "Customer 1"
    assert one["salesInvoiceLines"] == invoice["salesInvoiceLines"]
    assert customer["number"] == "C00001"


def test_metadata_describes_every_set(reading: Any) -> None:
    """It is XML, and each set has a type with a key."""
    url = reading.url().rpartition("/companies")[0]
    response = reading.client.get(f"{url}/$metadata")
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    root = ET.fromstring(response.content)  # noqa: S314 -- our own

    sets = {each.get("Name") for each in root.iter(f"{edm}EntitySet")}
    types = {each.get("Name") for each in root.iter(f"{edm}EntityType")}

    assert {"customers", "salesInvoices", "generalLedgerEntries"} <= sets
    assert len(sets) == len(types)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "BadRequest_ResourceNotFound"),
        ("GET", "/customers(abc)", 400, "BadRequest_InvalidRequestUrl"),
        ("GET", "/customers?$filter=nope eq 1", 400, "BadRequest_InvalidRequestUrl"),
        ("GET", "/customers?$filter=number eq", 400, "BadRequest_InvalidRequestUrl"),
        (
            "GET",
            "/customers?$filter=balance eq 'x'",
            400,
            "BadRequest_InvalidRequestUrl",
        ),
        (
            "GET",
            "/customers?$filter=number eq 'a' or city eq 'b'",
            400,
            "BadRequest_MethodNotImplemented",
        ),
        (
            "GET",
            "/customers?$filter=" + "(" * 200,
            400,
            "BadRequest_InvalidRequestUrl",
        ),
        (
            "GET",
            "/customers?$filter=" + " or ".join(["city eq 'a'"] * 700),
            400,
            "BadRequest_InvalidRequestUrl",
        ),
        (
            "GET",
            "/customers?$filter=" + "not " * 100 + "city eq 'a'",
            400,
            "BadRequest_InvalidRequestUrl",
        ),
        ("GET", "/customers?$select=nope", 400, "BadRequest_InvalidRequestUrl"),
        ("GET", "/customers?$orderby=number up", 400, "BadRequest"),
        ("GET", "/customers?$top=-1", 400, "BadRequest"),
        ("GET", "/customers?$skiptoken=x", 400, "BadRequest"),
        ("GET", "/customers?$apply=x", 400, "BadRequest"),
        ("PUT", "/customers", 405, "BadRequest_MethodNotAllowed"),
        ("POST", "/accounts", 405, "BadRequest_MethodNotAllowed"),
        ("GET", "/customers/%ff", 404, "BadRequest_ResourceNotFound"),
    ],
)
def test_what_is_wrong_is_said_in_its_words(
    reading: Any, method: str, path: str, status: int, code: str
) -> None:
    """Each refusal has a code of its family."""
    response = reading.client.request(method, reading.url(path))

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert "CorrelationId" in response.json()["error"]["message"]


def test_a_token_comes_from_entra_and_ends(erp: Any) -> None:
    """A wrong secret is refused by name; an old token is no credential."""
    form = {
        "grant_type": "client_credentials",
        "client_id": erp.doors.keys.business_central_client_id,
        "client_secret": "wrong",
    }
    url = f"{erp.doors.url}/business_central/tenant/oauth2/v2.0/token"
    wrong = httpx.post(url, data=form, trust_env=False)
    erp.doors.clock.advance(3600)
    late = erp.get("/customers")

    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert wrong.json()["error_description"].startswith("AADSTS7000215")
    assert (late.status_code, late.json()["error"]["code"]) == (
        401,
        "Authentication_InvalidCredentials",
    )


def test_a_user_has_so_many_calls_in_five_minutes(erp: Any) -> None:
    """The window slides; the header says how long to wait."""
    erp.conditions(calls_per_window=3)
    answers = [erp.get("/customers") for _ in range(4)]
    erp.doors.clock.advance(int(answers[3].headers["retry-after"]))

    again = erp.get("/customers")

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert again.status_code == 200


def test_a_property_drifts(erp: Any) -> None:
    """One that vanished is gone from records, filters and the metadata."""
    erp.conditions(
        drift=[{"object": "customers", "field": "city", "change": "removed"}]
    )

    record = erp.get("/customers").json()["value"][0]
    refused = erp.get("/customers", filter="city eq 'Berlin'")

    assert "city" not in record
    assert record["number"] == "C00001"
    assert refused.status_code == 400


def test_it_answers_at_its_own_hostnames(erp: Any) -> None:
    """Entra gives the token at its host, the API takes it at its own."""
    keys = erp.doors.keys
    form = {
        "grant_type": "client_credentials",
        "client_id": keys.business_central_client_id,
        "client_secret": keys.business_central_client_secret,
        "scope": "https://api.businesscentral.dynamics.com/.default",
    }
    with erp.doors.client("business_central", "host") as client:
        token = client.post(
            "https://login.microsoftonline.com/tenant/oauth2/v2.0/token", data=form
        ).json()["access_token"]
        page = client.get(
            f"{erp.url('/customers')}?$top=2",
            headers={"Authorization": f"Bearer {token}"},
        ).json()

    assert len(page["value"]) == 2
    assert page["@odata.context"].startswith(
        "https://api.businesscentral.dynamics.com/v2.0/"
    )
