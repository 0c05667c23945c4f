"""Survey: which objects changed since they were last read, asked for all of them once.

`updated` and `deleted` list the ids of a window and say up to when they are complete:
`latestDateCovered` lies before the start of every transaction that is still open, so
what commits later with an older stamp is in the next window (REST API guide, sObject
Get Updated; SOAP API guide, Data Replication).
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.salesforce.access import DATA, documented
from ingestion.salesforce.soql import moment
from ingestion.salesforce.streams import STANDING
from ingestion.streams import Stream
from ingestion.transport.rest import Rest

_COMPOSITE = f"{DATA}/composite"
_OK = 200
# Subrequests of one composite call, which counts as one call (REST API guide, Send
# Multiple Requests Using Composite); `updated` and `deleted` are no queries, of which
# it takes five.
_AT_ONCE = 25
# The vendor remembers 30 days, by its own clock.
_REACH = timedelta(days=29)
# Seconds of a window are cut off, so one that ended now would lack the last minute; the
# guide's own example ends in the future and is covered until now. A day is also more
# than our clock goes wrong.
_AHEAD = timedelta(days=1)
# What is true of an object whose records are never deleted.
_NEVER_DELETED = {
    "deletedRecords": [],
    "earliestDateAvailable": "1999-01-01T00:00:00.000+0000",
}
# Where only the word of the vendor is wanted up to when it is complete.
_SHORT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What Salesforce told of one object.

    Attributes:
        covered: whatever is stamped before this can be read now.
        quiet: nothing at all changed in the window.
        gone: ids of the records that were deleted in the window.
    """

    covered: datetime
    quiet: bool
    gone: tuple[str, ...]


class Survey:
    """What changed of which object; all are asked for at once, by whoever comes first.

    The answers are kept for the other walks of the same load, to spare calls: a walk
    that goes on in another process asks again and loses nothing.
    """

    def __init__(
        self, streams: Sequence[Stream], since: Mapping[str, datetime], now: datetime
    ) -> None:
        """Prepare the questions; of a stream not in `since` only the end is asked."""
        self.since = {
            name: start for name, start in since.items() if now - start < _REACH
        }
        self._streams = streams
        self._now = now
        self._lock = threading.Lock()
        self._told: Mapping[str, Told] | None = None

    def of(self, rest: Rest, stream: Stream) -> Told | None:
        """Return what was told of a stream, None where nothing can be relied on.

        Raises:
            SystemFault: the question as a whole was not answered.
        """
        with self._lock:
            if self._told is None:
                self._told = self._ask(rest)
            return self._told.get(stream.name)

    def _ask(self, rest: Rest) -> Mapping[str, Told]:
        end = (self._now + _AHEAD).replace(second=0, microsecond=0)
        requests = []
        for stream in self._streams:
            start = self.since.get(stream.name)
            requests.append(
                _request("updated", stream, start or self._now - _SHORT, end)
            )
            if start is not None and stream.object not in STANDING:
                requests.append(_request("deleted", stream, start, end))
        answers: dict[str, Any] = {}
        for first in range(0, len(requests), _AT_ONCE):
            answers |= _answers(rest, requests[first : first + _AT_ONCE])
        told = {}
        for stream in self._streams:
            window = self.since.get(stream.name)
            found = _told(
                answers[f"updated_{stream.name}"],
                answers.get(f"deleted_{stream.name}", _NEVER_DELETED),
                window,
                end,
            )
            if found is not None:
                told[stream.name] = found
        return told


def _request(
    which: str, stream: Stream, start: datetime, end: datetime
) -> Mapping[str, str]:
    window = f"start={_escaped(start)}&end={_escaped(end)}"
    return {
        "method": "GET",
        "url": f"{DATA}/sobjects/{stream.object}/{which}/?{window}",
        "referenceId": f"{which}_{stream.name}",
    }


def _escaped(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}%2B00:00"


def _answers(rest: Rest, requests: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
    """Return the answers by reference; one that is an error is None."""
    body = {"allOrNone": False, "compositeRequest": requests}
    answer = rest.parsed(rest.read_post(_COMPOSITE, json=body))
    with documented(_COMPOSITE):
        answers = {
            each["referenceId"]: each["body"] if each["httpStatusCode"] == _OK else None
            for each in answer["compositeResponse"]
        }
        # An answer to each, in whatever order.
        return {name: answers[name] for name in (r["referenceId"] for r in requests)}


def _told(
    updated: Any, deleted: Any, start: datetime | None, end: datetime
) -> Told | None:
    """Return what can be relied on; None where the query has to find out.

    That is so where the vendor refuses the window (too long ago, too many ids, no such
    object: then the query says what is wrong) and where it is covered to its very end,
    which lies in the future: its clock is past the window, so there may be more.
    """
    try:
        covered = [moment(updated["latestDateCovered"])]
        changed = len(updated["ids"])
        gone = tuple(str(each["id"]) for each in deleted["deletedRecords"])
        if "latestDateCovered" in deleted:
            covered.append(moment(deleted["latestDateCovered"]))
        # What was deleted before this moment is no longer remembered.
        remembered = moment(deleted["earliestDateAvailable"])
    except (KeyError, TypeError, ValueError):
        return None
    if max(covered) >= end:
        return None
    reaches = start is not None and remembered <= start
    return Told(min(covered), reaches and not changed and not gone, gone)
