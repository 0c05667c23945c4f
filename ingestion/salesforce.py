"""Salesforce: CRM and CPQ (the SBQQ objects), read by SOQL through queryAll.

Deleted records come with `IsDeleted`; changes are found by `SystemModstamp`, which
also moves when the system itself changes a record.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from ingestion.auth import TokenAuth, basic
from ingestion.budget import Limits
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    naming,
    reaction,
)
from ingestion.grants import RefreshToken, jwt_bearer, signing_key
from ingestion.paging import follow
from ingestion.rest import Rest, retry_after
from ingestion.streams import (
    Arrival,
    Batch,
    Column,
    Stream,
    day,
    flag,
    instant,
    integer,
    number,
    text,
)
from ingestion.windows import Window

API_VERSION = "v68.0"
DATA = f"/services/data/{API_VERSION}"
REQUIRED = ("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")

_LIMITS_PAGE = (
    "developer.salesforce.com, Developer Limits and Allocations Quick Reference:"
    " API Request Limits and Allocations"
)
LIMITS = Limits(
    # Enterprise Edition before any licence adds to it; every answer tells the org's.
    (Window("day", 100_000, 86_400.0, _LIMITS_PAGE, reserve=0.1),),
    # 25 that last longer than 20 seconds; shorter ones have no limit.
    concurrency=25,
    source=_LIMITS_PAGE,
)
# An assertion is for the login service, whatever the organisation's own domain is.
_LOGIN = "https://login.salesforce.com"

# The most records Salesforce puts into one page.
PAGE = 2000
# Seconds: the day's calls are spent, and the window that frees them is 24 hours long.
_QUOTA_WAIT = 3600.0


def _stream(name: str, object_name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        object_name,
        (*columns, instant("system_modstamp", "SystemModstamp")),
        deletes="told",
        cursor="system_modstamp",
        identity=("Id",),
        is_deleted=lambda document: document["IsDeleted"] is True,
    )


STREAMS = (
    _stream(
        "accounts",
        "Account",
        text("name", "Name"),
        text("website", "Website"),
        text("billing_country", "BillingCountry"),
        text("currency_iso_code", "CurrencyIsoCode"),
        text("tax_id__c", "Tax_Id__c"),
        text("billing_email__c", "Billing_Email__c"),
        text("payment_status__c", "Payment_Status__c"),
        text("duplicate_of__c", "Duplicate_Of__c"),
        text("type", "Type"),
        instant("created_date", "CreatedDate"),
    ),
    _stream(
        "contacts",
        "Contact",
        text("account_id", "AccountId"),
        text("first_name", "FirstName"),
        text("last_name", "LastName"),
        text("email", "Email"),
        instant("created_date", "CreatedDate"),
    ),
    _stream(
        "products",
        "Product2",
        text("name", "Name"),
        text("product_code", "ProductCode"),
        text("family", "Family"),
        flag("is_active", "IsActive"),
        text("erp_item__c", "ERP_Item__c"),
    ),
    _stream(
        "opportunities",
        "Opportunity",
        text("account_id", "AccountId"),
        text("name", "Name"),
        text("stage_name", "StageName"),
        text("type", "Type"),
        number("amount", "Amount"),
        text("currency_iso_code", "CurrencyIsoCode"),
        day("close_date", "CloseDate"),
        flag("is_closed", "IsClosed"),
        flag("is_won", "IsWon"),
    ),
    _stream(
        "quotes",
        "SBQQ__Quote__c",
        text("name", "Name"),
        text("sbqq__account__c", "SBQQ__Account__c"),
        text("sbqq__opportunity2__c", "SBQQ__Opportunity2__c"),
        flag("sbqq__primary__c", "SBQQ__Primary__c"),
        flag("sbqq__ordered__c", "SBQQ__Ordered__c"),
        text("sbqq__status__c", "SBQQ__Status__c"),
        text("sbqq__type__c", "SBQQ__Type__c"),
        text("sbqq__master_contract__c", "SBQQ__MasterContract__c"),
        day("sbqq__start_date__c", "SBQQ__StartDate__c"),
        day("sbqq__end_date__c", "SBQQ__EndDate__c"),
        number("sbqq__net_amount__c", "SBQQ__NetAmount__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
    ),
    _stream(
        "quote_lines",
        "SBQQ__QuoteLine__c",
        text("sbqq__quote__c", "SBQQ__Quote__c"),
        text("sbqq__product__c", "SBQQ__Product__c"),
        text("sbqq__product_code__c", "SBQQ__ProductCode__c"),
        number("sbqq__quantity__c", "SBQQ__Quantity__c"),
        number("sbqq__list_price__c", "SBQQ__ListPrice__c"),
        number("sbqq__discount__c", "SBQQ__Discount__c"),
        integer("discount_months__c", "Discount_Months__c"),
        number("sbqq__net_price__c", "SBQQ__NetPrice__c"),
        number("sbqq__net_total__c", "SBQQ__NetTotal__c"),
        text("sbqq__charge_type__c", "SBQQ__ChargeType__c"),
    ),
    _stream(
        "contracts",
        "Contract",
        text("account_id", "AccountId"),
        text("contract_number", "ContractNumber"),
        text("status", "Status"),
        day("start_date", "StartDate"),
        day("end_date", "EndDate"),
        text("sbqq__quote__c", "SBQQ__Quote__c"),
        text("sbqq__opportunity__c", "SBQQ__Opportunity__c"),
        text("master_contract__c", "Master_Contract__c"),
        text("currency_iso_code", "CurrencyIsoCode"),
        instant("created_date", "CreatedDate"),
    ),
    _stream(
        "subscriptions",
        "SBQQ__Subscription__c",
        text("sbqq__contract__c", "SBQQ__Contract__c"),
        text("sbqq__account__c", "SBQQ__Account__c"),
        text("sbqq__product__c", "SBQQ__Product__c"),
        text("sbqq__quote_line__c", "SBQQ__QuoteLine__c"),
        number("sbqq__quantity__c", "SBQQ__Quantity__c"),
        number("sbqq__net_price__c", "SBQQ__NetPrice__c"),
        number("sbqq__discount__c", "SBQQ__Discount__c"),
        integer("discount_months__c", "Discount_Months__c"),
        day("sbqq__subscription_start_date__c", "SBQQ__SubscriptionStartDate__c"),
        day("sbqq__subscription_end_date__c", "SBQQ__SubscriptionEndDate__c"),
        text("sbqq__charge_type__c", "SBQQ__ChargeType__c"),
    ),
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return Salesforce's API; the credential is a connected app's client.

    With SALESFORCE_PRIVATE_KEY_FILE and SALESFORCE_USERNAME the app proves itself by a
    signature and speaks for that user; with SALESFORCE_REFRESH_TOKEN_FILE it speaks for
    whoever authorized it.

    Raises:
        Refused: the private key cannot be read.
    """
    url = environ["SALESFORCE_URL"].rstrip("/")
    return Rest(
        "salesforce",
        url,
        _auth(environ, url),
        classify,
        limits=LIMITS,
        transport=transport,
    )


def _auth(environ: Mapping[str, str], url: str) -> TokenAuth:
    client_id = environ["SALESFORCE_CLIENT_ID"]
    app = basic(client_id, environ["SALESFORCE_CLIENT_SECRET"])
    auth = TokenAuth(
        "salesforce",
        f"{url}/services/oauth2/token",
        lambda: ({"grant_type": "client_credentials"}, {"Authorization": app.value}),
        "SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET",
        identity=client_id,
    )
    key_file = environ.get("SALESFORCE_PRIVATE_KEY_FILE")
    refresh_file = environ.get("SALESFORCE_REFRESH_TOKEN_FILE")
    if key_file:
        key = signing_key("salesforce", key_file)
        user = environ.get("SALESFORCE_USERNAME", "")
        auth.request = lambda: (
            jwt_bearer(key, client_id=client_id, subject=user, audience=_LOGIN),
            {},
        )
        auth.credential_names = (
            "SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY_FILE"
        )
    elif refresh_file:
        token = RefreshToken("salesforce", Path(refresh_file))
        auth.request = lambda: (token.form(), {"Authorization": app.value})
        auth.keep = token.keep
        auth.credential_names = (
            "SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and"
            " SALESFORCE_REFRESH_TOKEN_FILE"
        )
    return auth


def read(rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
    """Yield all objects, deleted records included."""
    for stream in STREAMS:
        with naming(stream.object):
            for records in query(rest, stream.object, soql(stream, since)):
                yield Batch(stream.name, records)


def soql(stream: Stream, since: Mapping[str, datetime]) -> str:
    """Return the query of a stream, of what changed where `since` has a moment."""
    fields = [str(column.path) for column in stream.columns]
    start = since.get(stream.name)
    changed = ""
    if start is not None:
        moment = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        changed = f" WHERE SystemModstamp >= {moment}"
    return (
        f"SELECT Id, {', '.join(fields)}, IsDeleted FROM {stream.object}"
        f"{changed} ORDER BY SystemModstamp, Id"
    )


def query(rest: Rest, object_name: str, statement: str) -> Iterator[list[Any]]:
    """Yield the pages of a query over deleted and existing records."""

    def page(place: str | None) -> tuple[list[Any], str | None]:
        response = (
            rest.get(
                f"{DATA}/queryAll",
                params={"q": statement},
                headers={"Sforce-Query-Options": f"batchSize={PAGE}"},
            )
            if place is None
            else rest.get(place)
        )
        answer = rest.parsed(response)
        following = answer.get("nextRecordsUrl")
        if following is None and not answer["done"]:
            raise Transient(rest.system, "the query ended before its last page")
        return answer["records"], following and rest.path_of(following)

    yield from follow(rest.system, object_name, page)


ERRORS: Mapping[str, type[SystemFault]] = {
    "UNABLE_TO_LOCK_ROW": Transient,
    "SERVER_UNAVAILABLE": Transient,
    "QUERY_TIMEOUT": Transient,
    "REQUEST_LIMIT_EXCEEDED": Transient,
    # The records of a query expired while it was read: it starts again.
    "INVALID_QUERY_LOCATOR": Transient,
    # Another record of the same call failed; this one was not tried.
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Transient,
    "ENTITY_IS_DELETED": Conflict,
    "ENTITY_IS_LOCKED": Conflict,
    "DUPLICATES_DETECTED": Conflict,
    "DUPLICATE_VALUE": Conflict,
    "REQUIRED_FIELD_MISSING": Rejected,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Rejected,
    "STRING_TOO_LONG": Rejected,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Rejected,
    "MALFORMED_ID": Rejected,
    "INVALID_CROSS_REFERENCE_KEY": Rejected,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Rejected,
    "NOT_FOUND": Rejected,
    "INVALID_FIELD": Refused,
    "INVALID_TYPE": Refused,
    "INSUFFICIENT_ACCESS": Refused,
    "INSUFFICIENT_ACCESS_OR_READONLY": Refused,
    "API_DISABLED_FOR_ORG": Refused,
    "STORAGE_LIMIT_EXCEEDED": Refused,
    "INVALID_SESSION_ID": Refused,
}
_COLUMN = re.compile(r"No such column '([^']+)'(?: on \w+ '?(\w+)'?)?")
_OBJECT = re.compile(r"sObject type '(\w+)' is not supported")


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, a JSON list with one entry per error, into a fault."""
    status = response.status_code
    error = _first_error(response)
    code = error.get("errorCode")
    message = str(error.get("message") or f"the answer was status {status}").strip()
    # 300: an external id names several records, so a plan made by it is wrong.
    several = status == httpx.codes.MULTIPLE_CHOICES
    kind = Conflict if several else ERRORS.get(str(code))
    fault = (kind or reaction(status, wrote=wrote))("salesforce", message.rstrip("."))
    fault.code = code
    fault.status = status
    fault.retry_after = retry_after(response)
    if code == "REQUEST_LIMIT_EXCEEDED":
        fault.retry_after = _QUOTA_WAIT
    if column := _COLUMN.search(message):
        fault.field, fault.object = column[1], column[2]
    elif unknown := _OBJECT.search(message):
        fault.object = unknown[1]
    elif fields := error.get("fields"):
        fault.field = str(fields[0])
    if code in {"INVALID_FIELD", "INVALID_TYPE"}:
        # The first line of such a message quotes the whole query.
        fault.reason = f"{fault.field or fault.object or 'a name'} is not known there"
        fault.next_step = (
            "check that the object and the field exist and that the credential's user"
            " may see them, then run again"
        )
    return fault


def _first_error(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    first = answer[0] if isinstance(answer, list) and answer else {}
    return first if isinstance(first, dict) else {}
