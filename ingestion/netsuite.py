"""NetSuite: the ERP, read by SuiteQL.

Changes are found by `lastmodifieddate`, deletions by listing all keys. SuiteQL gives
every value as text, leaves out what is null, and repeats or loses rows when it pages by
offset, so each page begins after the last key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from ingestion.auth import TokenAuth
from ingestion.budget import Limits
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    naming,
    reaction,
)
from ingestion.grants import client_assertion, signing_key
from ingestion.paging import follow
from ingestion.rest import Rest, retry_after
from ingestion.streams import (
    Arrival,
    Batch,
    Column,
    Keys,
    Stream,
    day,
    exact,
    instant,
    key,
    text,
)

SUITEQL = "/services/rest/query/v1/suiteql"
REQUIRED = (
    "NETSUITE_URL",
    "NETSUITE_CLIENT_ID",
    "NETSUITE_CERTIFICATE_ID",
    "NETSUITE_PRIVATE_KEY_FILE",
)

LIMITS = Limits(
    (),
    # The account's, for all its integrations: 5 in the smallest tier, 15 in tier 1, 10
    # more for each SuiteCloud Plus licence.
    concurrency=5,
    source="Oracle Help Center, bridgehead_1525252812: Web Services and RESTlet"
    " Concurrency Governance",
)

# The most rows NetSuite puts into one page.
PAGE = 1000
_INSTANT = "YYYY-MM-DD HH24:MI:SS"


def _decimal(name: str, path: str) -> Column:
    return Column(name, "number", path, lambda value: exact(Decimal(_said(value))))


def _flag(name: str, path: str) -> Column:
    return Column(name, "flag", path, lambda value: {"T": True, "F": False}[value])


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream's rows come from, and what SuiteQL calls its columns."""

    table: str
    where: str
    expressions: Mapping[str, str]


_MODIFIED = {"lastmodifieddate": f"TO_CHAR(lastmodifieddate, '{_INSTANT}')"}
_TRANSACTION = {
    "trandate": "TO_CHAR(trandate, 'YYYY-MM-DD')",
    "currency": "BUILTIN.DF(currency)",
    **_MODIFIED,
}

SOURCES: Mapping[str, Source] = {
    "customers": Source(
        "customer", "", {"currency": "BUILTIN.DF(currency)", **_MODIFIED}
    ),
    "items": Source("item", "", _MODIFIED),
    "invoices": Source(
        "transaction",
        "type = 'CustInvc'",
        {
            **_TRANSACTION,
            "duedate": "TO_CHAR(duedate, 'YYYY-MM-DD')",
            "status": "BUILTIN.DF(status)",
        },
    ),
    "payments": Source("transaction", "type = 'CustPymt'", _TRANSACTION),
    "payment_applications": Source("NextTransactionLink", "linktype = 'Payment'", {}),
}


def _stream(name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        SOURCES[name].table,
        (*columns, instant("lastmodifieddate", "lastmodifieddate")),
        deletes="keys",
        cursor="lastmodifieddate",
    )


STREAMS = (
    _stream(
        "customers",
        text("entityid", "entityid?"),
        text("externalid", "externalid?"),
        text("companyname", "companyname?"),
        text("email", "email?"),
        text("vatregnumber", "vatregnumber?"),
        text("currency", "currency?"),
        text("country", "country?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "items",
        text("itemid", "itemid?"),
        text("displayname", "displayname?"),
        text("externalid", "externalid?"),
        _flag("isinactive", "isinactive"),
    ),
    _stream(
        "invoices",
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        key("entity", "entity?"),
        day("trandate", "trandate?"),
        day("duedate", "duedate?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
        text("status", "status?"),
    ),
    _stream(
        "payments",
        text("tranid", "tranid?"),
        text("externalid", "externalid?"),
        key("entity", "entity?"),
        day("trandate", "trandate?"),
        text("currency", "currency?"),
        _decimal("foreigntotal", "foreigntotal?"),
    ),
    Stream(
        "payment_applications",
        SOURCES["payment_applications"].table,
        (
            key("previousdoc", "previousdoc"),
            key("nextdoc", "nextdoc"),
            _decimal("foreignamount", "foreignamount?"),
        ),
        deletes="listed",  # a link has neither a time of change nor a key of its own
        identity=("previousdoc", "nextdoc"),
    ),
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return NetSuite's API; the credential is a certificate that signs assertions.

    Raises:
        Refused: the private key cannot be read.
    """
    url = environ["NETSUITE_URL"].rstrip("/")
    token_url = f"{url}/services/rest/auth/oauth2/v1/token"
    private_key = signing_key("netsuite", environ["NETSUITE_PRIVATE_KEY_FILE"])

    def exchange() -> tuple[Mapping[str, str], Mapping[str, str]]:
        form = client_assertion(
            private_key,
            certificate_id=environ["NETSUITE_CERTIFICATE_ID"],
            client_id=environ["NETSUITE_CLIENT_ID"],
            audience=token_url,
            scope="rest_webservices",
        )
        return form, {}

    auth = TokenAuth(
        "netsuite",
        token_url,
        exchange,
        "NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID and NETSUITE_PRIVATE_KEY_FILE",
        identity=environ["NETSUITE_CLIENT_ID"],
    )
    return Rest("netsuite", url, auth, classify, limits=LIMITS, transport=transport)


def read(rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
    """Yield each stream's changes, after the keys of all that exists.

    Keys come first: a record that appears between the two is then among the changes
    and never mistaken for one that is gone.
    """
    for stream in STREAMS:
        with naming(stream.object):
            source = SOURCES[stream.name]
            start = since.get(stream.name)
            if start is not None:
                for page in rows(rest, ("id",), source.table, ("id",), source.where):
                    yield Keys(stream.name, [str(row["id"]) for row in page])
            columns = _columns(stream, source)
            where = _also(source.where, _changed(start))
            for page in rows(rest, columns, source.table, stream.identity, where):
                yield Batch(stream.name, page)
                if start is None and stream.deletes == "keys":
                    yield Keys(stream.name, [str(row["id"]) for row in page])


def _columns(stream: Stream, source: Source) -> tuple[str, ...]:
    names = [column.name for column in stream.columns]
    keys = [name for name in stream.identity if name not in names]
    written = {
        name: f"{expression} AS {name}"
        for name, expression in source.expressions.items()
    }
    return tuple(written.get(name, name) for name in (*keys, *names))


def _changed(start: datetime | None) -> str:
    # NetSuite compares in the account's time zone and does not say which it is. The
    # cursor came from the same clock, so both ends agree; loading takes the earlier
    # of it and the server's own time, which can only read more, never less.
    if start is None:
        return ""
    moment = start.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"lastmodifieddate >= TO_DATE('{moment}', '{_INSTANT}')"


def _also(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


def rows(
    rest: Rest,
    columns: tuple[str, ...],
    table: str,
    identity: tuple[str, ...],
    where: str = "",
) -> Iterator[list[Any]]:
    """Yield pages of a table in the order of its key, each beginning after the last."""

    def page(last: tuple[int, ...] | None) -> tuple[list[Any], Any]:
        condition = _also(where, _after(identity, last) if last else "")
        statement = (
            f"SELECT {', '.join(columns)} FROM {table}"
            f"{' WHERE ' + condition if condition else ''}"
            f" ORDER BY {', '.join(identity)}"
        )
        answer = query(rest, statement)
        found = answer["items"]
        for row in found:
            row.pop("links", None)  # the transport's own, not the record's
        if not answer["hasMore"] or not found:
            return found, None
        return found, tuple(int(found[-1][name]) for name in identity)

    yield from follow(rest.system, table, page)


def _after(identity: tuple[str, ...], last: tuple[int, ...]) -> str:
    if len(identity) == 1:
        return f"{identity[0]} > {last[0]}"
    first, second = identity
    return f"({first} > {last[0]} OR ({first} = {last[0]} AND {second} > {last[1]}))"


def query(rest: Rest, statement: str) -> Any:
    """Return the first page of a SuiteQL query."""
    response = rest.read_post(
        SUITEQL,
        json={"q": statement},
        headers={"Prefer": "transient"},
        params={"limit": PAGE},
    )
    return rest.parsed(response)


ERRORS: Mapping[str, type[SystemFault]] = {
    "CONCURRENCY_LIMIT_EXCEEDED": Transient,
    "SSS_REQUEST_LIMIT_EXCEEDED": Transient,
    "WS_REQUEST_BLOCKED": Transient,
    # The job was sent before under this key; what became of it is to be read.
    "IDEMPOTENCY_ERROR": Unknown,
    "RCRD_HAS_BEEN_CHANGED": Conflict,
    "INVALID_CONTENT": Rejected,
    "USER_ERROR": Rejected,
    "NONEXISTENT_ID": Rejected,
    "INVALID_KEY_OR_REF": Rejected,
    "INSUFFICIENT_PERMISSION": Refused,
    "FEATURE_DISABLED": Refused,
    "INVALID_LOGIN": Refused,
}
_COLUMN = re.compile(r"[Ff]ield '(\w+)' for record '(\w+)'")
_UNKNOWN = re.compile(
    r"Unknown identifier '(\w+)'(?:\. Available identifiers are: \{\w+=(\w+)\})?"
)


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{"o:errorDetails": [{detail, …}]}`, into a fault."""
    status = response.status_code
    try:
        answer = response.json()
        first = answer["o:errorDetails"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        first = {}
    code = first.get("o:errorCode")
    message = str(first.get("detail") or f"the answer was status {status}").strip()
    kind = ERRORS.get(str(code))
    if kind is None and str(code).startswith("DUP_"):
        kind = Conflict
    fault = (kind or reaction(status, wrote=wrote))("netsuite", message.rstrip("."))
    fault.code = code
    fault.status = status
    fault.field = first.get("o:errorPath")
    fault.retry_after = retry_after(response)
    if not wrote and code == "INVALID_PARAMETER":
        fault = _query_fault(fault, message)
    return fault


def _query_fault(fault: SystemFault, message: str) -> SystemFault:
    """Say which column of our query NetSuite does not know."""
    column = _COLUMN.search(message) or _UNKNOWN.search(message)
    refused = Refused(
        fault.system,
        f"the query was not understood ({message.rstrip('.')[:200]})",
        "check that the field exists and that the role of the credential may see it,"
        " then run again",
        code=fault.code,
        status=fault.status,
    )
    if column:
        refused.field = column[1]
        refused.reason = f"{column[1]} is not known there"
        refused.object = column[2]
    return refused
