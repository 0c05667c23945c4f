"""Chargebee's usage events, as the ingest host takes them: kept, not rated.

The site meters by usages; what is ingested here reaches no invoice.
"""

from typing import Any

from starlette.responses import Response

from sandbox.chargebee.desk import SYSTEM, Desk
from sandbox.chargebee.shapes import INGESTION, INVALID, problem
from sandbox.wire import answer, dump, parse_storable

HOST = "concord.ingest.chargebee.com"
# The vendor's documentation.
MOST_EVENTS = 500
OLDEST_SECONDS = 12 * 3_600
PAPERS = "_usage_event"
MILLISECONDS = 1000
_TEXTS = ("subscription_id", "deduplication_id")


def ingest(desk: Desk, body: bytes) -> Response:
    """Take one event."""
    event = _parsed(body)
    failure = _failure(desk, event)
    if failure is not None:
        return problem(400, INVALID, "param_wrong_value", failure)
    _keep(desk, event)
    return answer({"usage_event": event})


def ingest_batch(desk: Desk, body: bytes) -> Response:
    """Take up to 500 events; those that fail are told, and all failing is an error."""
    asked = _parsed(body)
    events = asked.get("events") if isinstance(asked, dict) else None
    batch_id = desk.made("batch_")
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        sentence = f"events should be a list of 1 to {MOST_EVENTS} events"
        return _refused(batch_id, sentence, [])
    failures = [(event, _failure(desk, event)) for event in events]
    failed = [
        {
            **{name: event.get(name) for name in _TEXTS},
            "error": {"message": failure, "api_error_code": "param_wrong_value"},
        }
        if isinstance(event, dict)
        else {"error": {"message": failure, "api_error_code": "param_wrong_value"}}
        for event, failure in failures
        if failure is not None
    ]
    if len(failed) == len(events):
        return _refused(batch_id, "No event of the batch could be taken.", failed)
    for event, failure in failures:
        if failure is None:
            _keep(desk, event)
    return answer({"batch_id": batch_id, "failed_events": failed})


def _refused(batch_id: str, sentence: str, failed: list[Any]) -> Response:
    told: dict[str, Any] = {
        "message": sentence,
        "type": INGESTION,
        "api_error_code": "param_wrong_value",
        "error_code": "param_wrong_value",
        "error_msg": sentence,
        "http_status_code": 400,
        "batch_id": batch_id,
        "failed_events": failed,
    }
    return answer(told, 400)


def _parsed(body: bytes) -> Any:
    try:
        return parse_storable(body)
    except ValueError:
        return None


def _failure(desk: Desk, event: Any) -> str | None:
    """Return what is wrong with an event; None if nothing is."""
    if not isinstance(event, dict):
        return "an event should be an object"
    for name in _TEXTS:
        if not isinstance(event.get(name), str) or not event[name]:
            return f"{name} : cannot be blank"
    if not isinstance(event.get("properties"), dict):
        return "properties : should be an object"
    at = event.get("usage_timestamp")
    now = desk.now * MILLISECONDS
    if type(at) is not int or not now - OLDEST_SECONDS * MILLISECONDS <= at <= now:
        return "usage_timestamp : should be within the last 12 hours"
    if desk.held("subscription").get(event["subscription_id"]) is None:
        return f"subscription_id : {event['subscription_id'][:80]} not found"
    return None


def _keep(desk: Desk, event: dict[str, Any]) -> None:
    """Keep an event once, however often it is sent."""
    parts = (event["subscription_id"], event["usage_timestamp"])
    identity = dump([*parts, event["deduplication_id"]]).decode()
    desk.store.keep(SYSTEM, PAPERS, {"id": identity, **event})
