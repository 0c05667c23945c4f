"""Readers: each vendor's pages, read as its clients do and counted without parsing.

A reader yields the number of rows of each page, for as long as there are pages. Rows
are counted by a text that stands once in each: the client must not be what is
measured.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.bench.calls import Caller

Environment = Mapping[str, str]
Rows = Iterator[int]

# What the vendors' budgets are lifted to: they would be measured instead of us.
_PLENTY = 10**9
CONDITIONS = {
    "salesforce": {"daily_calls": _PLENTY},
    "hubspot": {"calls_per_ten_seconds": _PLENTY, "calls_per_day": _PLENTY},
    "stripe": {
        "requests_per_second": _PLENTY,
        "endpoint_requests_per_second": _PLENTY,
    },
    "chargebee": {"requests_per_minute": _PLENTY},
    "zendesk": {"calls_per_minute": _PLENTY, "export_calls_per_minute": _PLENTY},
    "business_central": {"calls_per_window": _PLENTY},
}
_ACCOUNTS = "SELECT Id, Name, Website, BillingCountry, SystemModstamp FROM Account"
_LINES = (
    "SELECT Id, SBQQ__Quote__c, SBQQ__ProductCode__c, SBQQ__Quantity__c,"
    " SBQQ__NetPrice__c, SystemModstamp FROM SBQQ__QuoteLine__c"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """How one vendor's records are read.

    Attributes:
        name: of what is read.
        host: the vendor's; none for the control door.
        path: below which the vendor is found at the plain door.
        page: how many rows a page has.
        rows: yields the rows of each page.
    """

    name: str
    host: str
    path: str
    page: int
    rows: Callable[[Caller, Environment], Rows]


def _basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _token(caller: Caller, path: str, form: Mapping[str, str]) -> dict[str, str]:
    body = caller.post(path, urlencode(form).encode(), _FORM)
    return _bearer(json.loads(body)["access_token"])


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}


def _salesforce(caller: Caller, told: Environment) -> dict[str, str]:
    return _token(
        caller,
        "/services/oauth2/token",
        {
            "grant_type": "client_credentials",
            "client_id": told["SALESFORCE_CLIENT_ID"],
            "client_secret": told["SALESFORCE_CLIENT_SECRET"],
        },
    )


def _soql(text: str) -> Callable[[Caller, Environment], Rows]:
    def rows(caller: Caller, told: Environment) -> Rows:
        signed = _salesforce(caller, told)
        path = f"/services/data/v68.0/query?{urlencode({'q': text})}"
        while path:
            body = caller.get(path, signed)
            yield body.count(b'"attributes":')
            path = _found(rb'"nextRecordsUrl": ?"([^"]+)"', body)

    return rows


def _bulk(caller: Caller, told: Environment) -> Rows:
    signed = _salesforce(caller, told)
    jobs = "/services/data/v68.0/jobs/query"
    asked = json.dumps({"operation": "query", "query": _LINES}).encode()
    job = json.loads(caller.post(jobs, asked, {**signed, **_JSON}))["id"]
    while json.loads(caller.get(f"{jobs}/{job}", signed))["state"] != "JobComplete":
        time.sleep(0.05)
    locator = ""
    while locator != "null":
        more = f"&locator={locator}" if locator else ""
        caller.get(f"{jobs}/{job}/results?maxRecords=50000{more}", signed)
        yield int(caller.headers["sforce-numberofrecords"])
        locator = caller.headers["sforce-locator"]


def _stripe(kind: str, object_name: str) -> Callable[[Caller, Environment], Rows]:
    def rows(caller: Caller, told: Environment) -> Rows:
        signed = _bearer(told["STRIPE_API_KEY"])
        after = ""
        while True:
            body = caller.get(f"/v1/{kind}?limit=100{after}", signed)
            # Only the object itself begins with its id and what it is.
            begins = b'","object":"%b"' % object_name
            yield body.count(begins)
            if body.rfind(b'"has_more":true') < 0:
                return
            end = body.rfind(begins)
            last = body[body.rfind(b'"', 0, end) + 1 : end].decode()
            after = f"&starting_after={last}"

    return rows


def _hubspot(caller: Caller, told: Environment) -> Rows:
    signed = _bearer(told["HUBSPOT_ACCESS_TOKEN"])
    after = ""
    while True:
        path = f"/crm/v3/objects/companies?limit=100&properties=name,domain{after}"
        body = caller.get(path, signed)
        yield body.count(b'"archived":')
        found = _found(rb'"after": ?"([^"]+)"', body)
        if not found:
            return
        after = f"&after={found}"


def _chargebee(kind: str, marker: bytes) -> Callable[[Caller, Environment], Rows]:
    def rows(caller: Caller, told: Environment) -> Rows:
        signed = _basic(told["CHARGEBEE_API_KEY"], "")
        offset = ""
        while True:
            body = caller.get(f"/api/v2/{kind}?limit=100{offset}", signed)
            yield body.count(marker)
            found = _found(rb'"next_offset": ?"((?:[^"\\]|\\.)+)"', body)
            if not found:
                return
            offset = "&offset=" + quote(json.loads(f'"{found}"'))

    return rows


def _zendesk(caller: Caller, told: Environment) -> Rows:
    signed = _basic(f"{told['ZENDESK_EMAIL']}/token", told["ZENDESK_API_TOKEN"])
    path = "/api/v2/incremental/tickets/cursor.json?start_time=0&per_page=1000"
    while True:
        body = caller.get(path, signed)
        yield body.count(b'"generated_timestamp":')
        if b'"end_of_stream":true' in body:
            return
        cursor = quote(_found(rb'"after_cursor": ?"([^"]+)"', body))
        path = f"/api/v2/incremental/tickets/cursor.json?cursor={cursor}&per_page=1000"


def _netsuite(caller: Caller, told: Environment) -> Rows:
    path = "/services/rest/auth/oauth2/v1/token"
    now = int(time.time())
    key = RSAKey.import_key(Path(told["NETSUITE_PRIVATE_KEY_FILE"]).read_bytes())
    claims = {
        "iss": told["NETSUITE_CLIENT_ID"],
        "scope": ["rest_webservices"],
        "aud": f"{caller.base}{path}",
        "iat": now,
        "exp": now + 300,
    }
    header = {
        "alg": "PS256",
        "typ": "JWT",
        "kid": told["NETSUITE_CERTIFICATE_ID"],
    }
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": kind,
        "client_assertion": jwt.encode(header, claims, key, algorithms=["PS256"]),
    }
    signed = {**_token(caller, path, form), **_JSON, "Prefer": "transient"}
    last = 0
    while True:
        query = (
            "SELECT id, tranid, entity, foreigntotal, BUILTIN.DF(currency) AS currency,"
            " TO_CHAR(trandate, 'YYYY-MM-DD') AS trandate FROM transaction"
            f" WHERE type = 'CustInvc' AND id > {last} ORDER BY id"
        )
        asked = json.dumps({"q": query}).encode()
        body = caller.post("/services/rest/query/v1/suiteql?limit=1000", asked, signed)
        ids = re.findall(rb'"id": ?"?(\d+)"?', body)
        yield len(ids)
        if len(ids) < 1000:
            return
        last = int(ids[-1])


def _business_central(caller: Caller, told: Environment) -> Rows:
    signed = _token(
        caller,
        "/concord/oauth2/v2.0/token",
        {
            "grant_type": "client_credentials",
            "client_id": told["BUSINESS_CENTRAL_CLIENT_ID"],
            "client_secret": told["BUSINESS_CENTRAL_CLIENT_SECRET"],
            "scope": "https://api.businesscentral.dynamics.com/.default",
        },
    )
    base = "/v2.0/Production/api/v2.0/companies"
    company = json.loads(caller.get(base, signed))["value"][0]["id"]
    path = f"{base}({company})/salesInvoices"
    while path:
        body = caller.get(path, {**signed, "Prefer": "odata.maxpagesize=1000"})
        yield body.count(b'"@odata.etag":')
        found = _found(rb'"@odata\.nextLink": ?"([^"]+)"', body)
        parts = urlsplit(found)
        path = f"{parts.path}?{parts.query}" if found else ""


def _events(caller: Caller, _told: Environment) -> Rows:
    after = "0"
    while after:
        path = f"/_sandbox/records/product/usage_event?limit=10000&after={after}"
        body = caller.get(path, {})
        yield body.count(b'"at":')
        after = _found(rb'"after": ?(\d+)', body)


def _found(pattern: bytes, body: bytes) -> str:
    found = re.search(pattern, body)
    return found[1].decode() if found else ""


READERS = (
    Reader(
        "Salesforce query: accounts",
        *("concord.my.salesforce.com", "/salesforce", 2000),
        _soql(_ACCOUNTS),
    ),
    Reader(
        "Salesforce query: quote lines",
        *("concord.my.salesforce.com", "/salesforce", 2000),
        _soql(_LINES),
    ),
    Reader(
        "Salesforce Bulk 2.0: quote lines",
        *("concord.my.salesforce.com", "/salesforce", 50_000),
        _bulk,
    ),
    Reader("HubSpot list: companies", "api.hubapi.com", "/hubspot", 100, _hubspot),
    Reader(
        "Stripe list: customers",
        *("api.stripe.com", "/stripe", 100),
        _stripe("customers", b"customer"),
    ),
    Reader(
        "Stripe list: invoices",
        *("api.stripe.com", "/stripe", 100),
        _stripe("invoices", b"invoice"),
    ),
    Reader(
        "Chargebee list: customers",
        *("concord.chargebee.com", "/chargebee", 100),
        _chargebee("customers", b'"customer":{'),
    ),
    Reader(
        "Zendesk export: tickets", "concord.zendesk.com", "/zendesk", 1000, _zendesk
    ),
    Reader(
        "NetSuite SuiteQL: invoices",
        *("1234567.suitetalk.api.netsuite.com", "/netsuite", 1000),
        _netsuite,
    ),
    Reader(
        "Business Central: sales invoices",
        *("api.businesscentral.dynamics.com", "/business_central", 1000),
        _business_central,
    ),
    Reader("Control door: usage events", "", "", 10_000, _events),
)
