"""Business Central: a hundred records in one batch, each under its version.

A record is written only while its version is the one that was looked at: the vendor
compares it in the transaction that writes, and never overwrites a colleague's change.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from ingestion.business_central import classify
from ingestion.business_central.client import Books
from ingestion.errors import SystemFault, Unknown
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import (
    at,
    body_of,
    chunks,
    failed,
    part_fault,
    unmoved,
)

# Operational limits for Business Central Online: calls in one batch.
_BATCH = 100
_SETS = {"customer": "customers", "item": "items"}
# The ids of one question, as ingestion asks: an address stays under 2,048 characters.
_IDS = 30
_VERSION = "@odata.etag"

Request = dict[str, Any]


class BusinessCentral:
    """Updates of customers and items, in whichever company they are."""

    system = "business_central"
    caps = Caps(_BATCH, _BATCH, conditions=dict.fromkeys(_SETS, "atomic"))

    def __init__(self, rest: Rest) -> None:
        """Speak through this client, which knows the companies.

        Raises:
            TypeError: it is another system's.
        """
        if not isinstance(rest, Books):
            raise TypeError(f"{rest.system} has no companies")
        self._rest = rest
        self._company_of: dict[str, str] = {}  # by record; it never moves

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Ask each company for its records of these ids, all in one batch."""
        name = _SETS[changes[0].object]
        ids = sorted({str(change.record_id) for change in changes})
        questions = [
            (str(company["id"]), _question(name, some))
            for company in self._rest.companies()
            for some in chunks(ids, _IDS)
        ]
        records: dict[str, Mapping[str, Any]] = {}
        for asked in chunks(questions, _BATCH):
            requests = [
                {
                    "id": str(place),
                    "method": "GET",
                    "url": f"companies({company})/{question}",
                }
                for place, (company, question) in enumerate(asked)
            ]
            told = self._rest.parsed(
                self._rest.read_post(self._path, json={"requests": requests})
            )
            for response in told["responses"]:
                if not httpx.codes.is_success(response["status"]):
                    raise _fault(response, wrote=False)
                company, _ = asked[int(response["id"])]
                for record in response["body"]["value"]:
                    records[record["id"]] = record
                    self._company_of[record["id"]] = company
        return {
            change.change_id: Held(
                str(change.record_id),
                {field: at(record, field) for field in change.values},
                record[_VERSION],
            )
            for change in changes
            if (record := records.get(str(change.record_id)))
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Patch each record under its version; one that changed is a conflict."""
        versions, answers = self._versions(batch)
        requests = [
            {
                "id": change_id,
                "method": "PATCH",
                "url": self._place(outgoing.change),
                "headers": {
                    "If-Match": versions[change_id],
                    "Content-Type": "application/json",
                },
                "body": _body(outgoing.change),
            }
            for outgoing in batch
            if (change_id := outgoing.change.change_id) in versions
        ]
        responses = self._written(requests) if requests else {}
        return [
            answers.get(outgoing.change.change_id)
            or _answer(outgoing.change, responses.get(outgoing.change.change_id))
            for outgoing in batch
        ]

    @property
    def _path(self) -> str:
        return f"{self._rest.root}/$batch"

    def _place(self, change: Change) -> str:
        company = self._company_of[str(change.record_id)]
        return f"companies({company})/{_SETS[change.object]}({change.record_id})"

    def _versions(
        self, batch: Sequence[Outgoing]
    ) -> tuple[dict[str, str], dict[str, Answer]]:
        """Return the versions under which to write, and the answers of what moved."""
        if all(
            outgoing.version and str(outgoing.change.record_id) in self._company_of
            for outgoing in batch
        ):
            return {out.change.change_id: str(out.version) for out in batch}, {}
        held = self.read([outgoing.change for outgoing in batch])
        versions, answers = {}, {}
        for change in (outgoing.change for outgoing in batch):
            try:
                there = unmoved(change, held.get(change.change_id))
            except SystemFault as fault:
                answers[change.change_id] = failed(change, fault)
            else:
                versions[change.change_id] = str(there.version)
        return versions, answers

    def _written(self, requests: Sequence[Request]) -> Mapping[str, Mapping[str, Any]]:
        """Send the batch, in which each record stands alone."""
        response = self._rest.write(
            "POST",
            self._path,
            json={"requests": requests},
            # Without it, whatever follows a record that is refused is left out.
            headers={"Prefer": "odata.continue-on-error"},
        )
        body = body_of(self._rest, response, dict)
        return {each["id"]: each for each in body["responses"]}


def _question(name: str, ids: Sequence[str]) -> str:
    condition = " or ".join(f"id eq {each}" for each in ids)
    return f"{name}?$filter={quote(condition)}"


def _body(change: Change) -> dict[str, str]:
    """Return the fields to write; an empty text is how a field is cleared."""
    return {name: value or "" for name, value in change.values.items()}


def _answer(change: Change, response: Mapping[str, Any] | None) -> Answer:
    if response is None:
        return failed(
            change, Unknown("business_central", "the batch does not tell of it")
        )
    if not httpx.codes.is_success(response["status"]):
        return failed(change, _fault(response, wrote=True))
    return Answer(record_id=change.record_id)


def _fault(response: Mapping[str, Any], *, wrote: bool) -> SystemFault:
    status, body = response["status"], response.get("body")
    return part_fault(classify, status, body, wrote=wrote)
