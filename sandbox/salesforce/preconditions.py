"""Preconditions: If-Match and its kin, as far as Salesforce honours them.

Entity tags exist for accounts alone; instants are compared to the second.
"""

import base64
import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.store import Document
from sandbox.wire import dump

TAGGED = ("Account",)
_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


def tag(document: Document) -> str:
    """Return a record's entity tag as it goes over the wire uncompressed."""
    digest = hashlib.blake2b(dump(document), digest_size=32).digest()
    return f'"{base64.b64encode(digest).decode()}-"'


def compressed(text: str) -> str:
    """Return the tag of the same record in a compressed answer."""
    return f'{text[:-1]}-gzip"'


def unmodified(call: Call, sobject: SObject, document: Document) -> Reply | None:
    """Return the answer if a caller need not read what it has already.

    Raises:
        Refused: the record isn't as the caller expects.
    """
    _check_match(call, sobject, document)
    _check_unmodified_since(call, document)
    if sobject.name in TAGGED and "if-none-match" in call.headers:
        seen = _tags(call, "if-none-match", strict=False)
        return Reply(304) if seen == ["*"] or _plain(tag(document)) in seen else None
    since = _instant(call.headers.get("if-modified-since"))
    if since is not None and _changed(document) <= since:
        return Reply(304)
    return None


def check(call: Call, sobject: SObject, document: Document) -> None:
    """Refuse a write whose caller has seen another record than there is."""
    _check_match(call, sobject, document)
    if sobject.name in TAGGED and "if-none-match" in call.headers:
        seen = _tags(call, "if-none-match")
        if seen == ["*"] or _plain(tag(document)) in seen:
            raise _failed()
    _check_unmodified_since(call, document)
    header = call.headers.get("if-modified-since")
    since = _instant(header)
    if since is not None and _changed(document) <= since:
        raise _failed()


def _check_match(call: Call, sobject: SObject, document: Document) -> None:
    if sobject.name not in TAGGED or "if-match" not in call.headers:
        return
    seen = _tags(call, "if-match")
    if seen != ["*"] and _plain(tag(document)) not in seen:
        raise _failed()


def _check_unmodified_since(call: Call, document: Document) -> None:
    header = call.headers.get("if-unmodified-since")
    if header is None:
        return
    limit = _instant(header)
    if limit is None:
        if call.method == "GET":
            return
        sentence = "The If-Unmodified-Since header is not a date"
        raise Refused("INVALID_REQUEST_HEADER", sentence)
    if _changed(document) > limit:
        raise _failed()


def _tags(call: Call, name: str, *, strict: bool = True) -> list[str]:
    header = call.headers[name].strip()
    if header == "*":
        return ["*"]
    found = [_TAG.fullmatch(each) for each in header.split(",")]
    if strict and call.method != "GET" and not all(found):
        sentence = f"The {name} header is not a list of entity tags"
        raise Refused("INVALID_REQUEST_HEADER", sentence)
    return [_plain(f'"{each[1]}"') for each in found if each]


def _plain(text: str) -> str:
    """Return a tag without the sign that its answer was compressed."""
    return text.strip('"').removesuffix("-gzip")


def _instant(header: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(header or "")
    except (ValueError, TypeError):
        return None
    # A zone of -0000 says: UTC, from who knows where.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _changed(document: Document) -> datetime:
    stamp: Any = document.get("SystemModstamp") or "1970-01-01T00:00:00+00:00"
    return datetime.fromisoformat(str(stamp)).replace(microsecond=0)


def _failed() -> Refused:
    sentence = "The precondition specified in the request has failed"
    return Refused("PRECONDITION_FAILED", sentence, (), 412)
