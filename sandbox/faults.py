"""Faults: what can go wrong between a caller and a vendor, on demand or by seed.

A planned fault waits for a request that it matches. A seeded one is drawn for every
request from two streams, one for what happens before the vendor sees it and one for
what happens to its answer, so that fewer faults of one kind leave the others where
they were. The same seed and the same requests give the same faults.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from sandbox.stamps import key_of
from sandbox.store import Store
from sandbox.wire import Planned, answer, dump, parse

Kind = Literal[
    "lost_request",
    "lost_response",
    "status",
    "delay",
    "slow_body",
    "truncated_body",
    "expired_tokens",
    "edit",
    "late_commit",
    "delete",
    "burst",
]
BEFORE: tuple[Kind, ...] = (
    *("lost_request", "status", "delay", "expired_tokens"),
    *("edit", "late_commit", "delete", "burst"),
)
AFTER: tuple[Kind, ...] = ("lost_response", "slow_body", "truncated_body")
MAX_DELAY_SECONDS = 60.0
MAX_COMMIT_SECONDS = 86_400.0
LATE_SECONDS = 5.0  # a drawn late commit is seen so long after its stamp
BURST = 5  # records that a drawn burst changes in one instant
# Settings of the store: the faults that wait, and how many requests were drawn for.
PLANNED, DRAWN = "faults", "faults drawn"
_PEOPLE = ("edit", "late_commit", "delete", "burst")
_EDIT = (
    "An edit is {system, object, id, fields}: fields of a known system's record, null"
    " to delete it; without an id the fields of a new record, its id among them."
)
_BODILESS = (204, 205, 304)  # answers that HTTP sends without a body
# What a person changes where a seed decides that somebody does; a field that every
# record of the object has and any text fits.
EDITED: Mapping[str, tuple[str, str]] = {
    "salesforce": ("account", "Name"),
    "hubspot": ("companies", "properties.name"),
    "stripe": ("customer", "description"),
    "chargebee": ("customer", "company"),
    "zendesk": ("organization", "details"),
    "netsuite": ("customer", "companyname"),
    "business_central": ("customers", "displayName"),
    "vitally": ("accounts", "name"),
}


@dataclass(slots=True)
class Fault:
    """A plan to spoil the next `times` requests that match it.

    Attributes:
        system: whose door; the empty string means every vendor's.
        method: the HTTP method; the empty string means any.
        path_contains: a part of the path.
        kind: `lost_response` carries the request out and closes the socket without an
            answer; `lost_request` closes it before anything happened; `status` answers
            with `status` and `body` instead, without a body as the vendor does with
            that status (Stripe stores a 500 under the request's idempotency key, as it
            does with its own); `delay` waits `seconds` first;
            `slow_body` lets the answer trickle for `seconds`; `truncated_body` breaks
            off in the middle of it; `expired_tokens` ends every session of the system
            first; `edit` lets a person change `edit` first; `late_commit` begins that
            change first, stamped now, and commits it after `seconds`. Drawn by seed,
            a person changes, deletes or, in a `burst`, changes several records at
            once, whose stamps are then equal.
        times: how many requests are spoiled.
        skip: how many matching requests go through before that.
        edit: {system, object, id, fields}; with `fields` null the record is deleted,
            without an id it is created from `fields`.
    """

    system: str
    method: str
    path_contains: str
    kind: Kind
    times: int = 1
    skip: int = 0
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float | Decimal = 1.0
    edit: dict[str, Any] = field(default_factory=dict)

    def spoils(self, system: str, method: str, path: str) -> bool:
        """Say whether this request is meant."""
        return (
            self.times > 0
            and self.system in ("", system)
            and self.method.upper() in ("", method)
            and self.path_contains in path
        )

    def response(self, planned: Planned, request: Request) -> Response:
        """Return the planned answer: the vendor's own, if no body was given."""
        if self.body is not None:
            return answer(self.body, self.status, self.headers)
        response = planned(self.status, request)
        response.headers.update(self.headers)
        return response


class Faults:
    """The faults that wait for a request, and those that a seed draws."""

    def __init__(self, store: Store) -> None:
        """Start with none; `store` holds the rates and is edited by people."""
        self.store = store
        self.waiting = [
            Fault(**each) for each in parse((store.setting(PLANNED) or "[]").encode())
        ]
        asked = store.setting(DRAWN) or "{}"
        self._asked: Counter[str] = Counter(parse(asked.encode()))

    def plan(self, wanted: Any) -> None:
        """Replace the waiting faults; ValueError names the first thing not understood.

        An empty list clears them.
        """
        if not isinstance(wanted, list):
            raise ValueError("Faults are a JSON list.")  # noqa: TRY004 -- bad input
        self.waiting = [_fault(each) for each in wanted]
        self._remember()

    def _remember(self) -> None:
        """Keep what waits: a restart goes on with it."""
        self.store.remember(PLANNED, dump([asdict(f) for f in self.waiting]).decode())

    def take(self, system: str, method: str, path: str) -> list[Fault]:
        """Return what spoils this request: the first planned fault, or drawn ones."""
        for fault in self.waiting:
            if fault.spoils(system, method, path):
                if fault.skip > 0:
                    fault.skip -= 1
                    self._remember()
                    continue
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                self._remember()
                return [fault]
        return self._drawn(system, method)

    def _drawn(self, system: str, method: str) -> list[Fault]:
        rates = self.store.condition(system, "faults", None)
        if not rates:
            return []
        self._asked[system] += 1
        self.store.remember(DRAWN, dump(self._asked).decode())
        number, drawn = self._asked[system], []
        for stream, kinds in (("before", BEFORE), ("after", AFTER)):
            chance = random.Random(f"{rates['seed']}:{stream}:{system}:{number}")
            for kind in kinds:
                hit, seconds = chance.random(), chance.random()
                if hit < float(rates.get(kind, 0)):
                    drawn.append(self._made(kind, system, method, number, seconds))
                    break
        return drawn

    def _made(
        self, kind: Kind, system: str, method: str, number: int, share: float
    ) -> Fault:
        fault = Fault(system, method, "", kind, seconds=round(share, 3))
        fault.status = (500, 502, 503, 504)[int(share * 4)]
        if kind in _PEOPLE and system in EDITED:
            name, field_name = EDITED[system]
            ids = self.store.collection(system, name).ids()
            if ids:
                first = int(share * len(ids))
                wanted = ids[first : first + (BURST if kind == "burst" else 1)]
                fields = {field_name: f"Edited {number}"}
                fault.edit = {
                    "object": name,
                    "ids": wanted,
                    "fields": None if kind == "delete" else fields,
                }
        if kind == "late_commit":
            fault.seconds = LATE_SECONDS
        return fault

    def act(self, fault: Fault) -> None:
        """Do what a fault does to the system before the request arrives."""
        store = self.store
        if fault.kind == "expired_tokens":
            for each in [fault.system] if fault.system else store.systems():
                tokens = store.collection(each, "_token")
                store.run(f"delete from {tokens.table}")
        if fault.kind in _PEOPLE and fault.edit:
            ids = fault.edit.get("ids", [fault.edit.get("id")])
            for record_id in ids:
                self._edit(fault, record_id)

    def _edit(self, fault: Fault, record_id: Any) -> None:
        store, fields = self.store, fault.edit.get("fields")
        system = str(fault.edit.get("system", fault.system))
        name = str(fault.edit["object"])
        who = {"actor": "human", "request_id": f"edit_{store.number()}"}
        if record_id is None:
            store.create(system, name, dict(fields or {}), **who)
        elif store.collection(system, name).get(record_id) is None:
            return
        elif fields is None:
            self._delete(system, name, record_id, who)
        elif fault.kind == "late_commit":
            seconds = float(fault.seconds)
            store.commit_late(system, name, record_id, fields, seconds, **who)
        else:
            store.update(system, name, record_id, fields, **who)

    def _delete(
        self, system: str, name: str, record_id: object, who: dict[str, str]
    ) -> None:
        """Delete as people can: at Salesforce that fills the recycle bin."""
        if system == "salesforce":
            self.store.update(system, name, record_id, {"IsDeleted": True}, **who)
        else:
            self.store.delete(system, name, record_id, **who)


def rates_of(wanted: Any) -> dict[str, Any]:
    """Return rates by kind with their seed; ValueError says what is wrong with them."""
    if not isinstance(wanted, Mapping):
        raise ValueError("Rates are a JSON object: {seed, kind: rate}.")  # noqa: TRY004
    rates = dict(wanted)
    seed = rates.pop("seed", 0)
    if not isinstance(seed, int | str):
        raise ValueError("The seed is a whole number or a text.")  # noqa: TRY004
    for kind, rate in rates.items():
        if kind not in (*BEFORE, *AFTER):
            raise ValueError(
                f"{kind} cannot be drawn by rate; these can: "
                f"{', '.join((*BEFORE, *AFTER))}."
            )
        if not _is_number(rate) or not 0 <= rate <= 1:
            raise ValueError(f"The rate of {kind} is from 0 to 1.")
    return {"seed": seed, **rates}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _fault(wanted: Any) -> Fault:
    if not isinstance(wanted, dict):
        raise ValueError("A fault is a JSON object.")  # noqa: TRY004 -- bad input
    if wanted.get("kind") not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}.")
    settings: dict[str, Any] = {"system": "", "method": "", "path_contains": ""}
    settings |= wanted
    try:
        fault = Fault(**settings)
    except TypeError as error:
        raise ValueError(f"A fault has no such setting: {error}.") from error
    for holds, sentence in _rules(fault):
        if not holds():
            raise ValueError(sentence)
    return fault


def _rules(fault: Fault) -> Sequence[tuple[Callable[[], bool], str]]:
    longest = MAX_COMMIT_SECONDS if fault.kind == "late_commit" else MAX_DELAY_SECONDS
    texts = (fault.system, fault.method, fault.path_contains)
    return (
        (
            lambda: isinstance(fault.times, int) and fault.times >= 1,
            "times must be a whole number above 0.",
        ),
        (
            lambda: isinstance(fault.skip, int) and fault.skip >= 0,
            "skip must be a whole number from 0.",
        ),
        (
            lambda: (
                isinstance(fault.status, int)
                and 200 <= fault.status <= 599
                and fault.status not in _BODILESS
            ),
            "status must be an HTTP status from 200 to 599 that has a body.",
        ),
        (
            lambda: _is_number(fault.seconds),
            "seconds must be a number.",
        ),
        (
            lambda: 0 <= fault.seconds <= longest,
            f"seconds must be from 0 to {longest:.0f}.",
        ),
        (
            lambda: all(isinstance(text, str) for text in texts),
            "system, method and path_contains must be text.",
        ),
        (
            lambda: (
                isinstance(fault.headers, dict)
                and all(map(_is_header, fault.headers.items()))
            ),
            "headers must be a JSON object of one-line texts.",
        ),
        (
            lambda: fault.kind not in ("edit", "late_commit") or _is_edit(fault),
            _EDIT,
        ),
    )


def _is_header(item: tuple[Any, Any]) -> bool:
    name, value = item
    return (
        isinstance(value, str)
        and value.isprintable()
        and value.isascii()
        and re.fullmatch(r"[A-Za-z0-9-]+", name) is not None
    )


def _is_edit(fault: Fault) -> bool:
    edit = fault.edit
    if not isinstance(edit, dict) or not isinstance(edit.get("object"), str):
        return False
    system, fields = edit.get("system", fault.system), edit.get("fields")
    if system not in EDITED or not isinstance(fields, dict | None):
        return False
    return edit.get("id") is not None or key_of(system) in (fields or {})
