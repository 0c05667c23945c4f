"""Vitally: lists newest change first, records by either id, writes that upsert."""

import math
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import Clock
from sandbox.collection import Collection, Value, column
from sandbox.credentials import Credentials
from sandbox.instants import to_milliseconds
from sandbox.journal import Document, parsed
from sandbox.paging import behind, cursor_at
from sandbox.store import Store
from sandbox.vitally.drift import Drift
from sandbox.vitally.shapes import (
    KINDS,
    NOBODY,
    SENTENCES,
    SORTS_OF,
    decoded,
    is_text,
    refuse,
    wrong,
)
from sandbox.wire import (
    JSON_TYPE,
    Api,
    Refusal,
    answer,
    basic,
    body_of,
    dump,
    listing,
    media_type,
    parse_storable,
    whole,
)

SYSTEM = "vitally"
ROOT = "/resources"
MAX_LIMIT = 100  # which is also what a list shows if nothing is said
CALLS_PER_MINUTE = 1000
SECONDS = 60
SORTS = ("updatedAt", "createdAt")
STATUSES = ("active", "churned", "activeOrChurned")

Handler = Callable[[Request], Awaitable[Response]]


class Vitally:
    """One workspace."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Serve the store's records to whoever has the key."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self._bucket = (0.0, float(CALLS_PER_MINUTE))
        for name in KINDS:
            for field in (*SORTS, "externalId", "accountId", "organizationId"):
                self._held(name).index(field)

    def api(self) -> Api:
        """Return the routes."""
        routes: list[BaseRoute] = []
        for name in KINDS:
            for path, methods in (
                (f"/{name}", {"GET": self._list(name), "POST": self._create(name)}),
                (
                    f"/{name}/{{id}}",
                    {
                        "GET": self._retrieve(name),
                        "PUT": self._update(name),
                        "DELETE": self._delete(name),
                    },
                ),
            ):
                routes.append(self._route(path, methods))
        for owner, field in (
            ("accounts", "accountId"),
            ("organizations", "organizationId"),
        ):
            for name in ("users", "notes", "npsResponses", "accounts"):
                if owner != name:
                    inner = {"GET": self._list(name, owner, field)}
                    routes.append(self._route(f"/{owner}/{{id}}/{name}", inner))
        return Api(routes, refuse, self._planned)

    def _route(self, path: str, methods: dict[str, Handler]) -> Route:
        async def admitted(request: Request) -> Response:
            if basic(request) != (self.keys.vitally_api_key, ""):
                has = "authorization" in request.headers
                raise Refusal(refuse(401, "Invalid API key." if has else NOBODY))
            headers = self._count()
            method = "GET" if request.method == "HEAD" else request.method
            try:
                response = await methods[method](request)
            except Refusal as refusal:
                response = refusal.response
            response.headers.update(headers)
            return response

        return Route(f"{ROOT}{path}", admitted, methods=list(methods))

    def _count(self) -> dict[str, str]:
        """Take a call out of the bucket; return the headers that tell of it.

        A write costs as much as a read: Vitally says that it may cost more, and not
        how much.
        """
        most, left = self._filled()
        if left < 1:
            raise Refusal(self._exhausted())
        self._bucket = (self.clock.now().timestamp(), left - 1)
        return _told(most, left - 1)

    def _filled(self) -> tuple[float, float]:
        """Return how many calls the bucket holds, and how many are in it now."""
        most = float(
            self.store.condition(SYSTEM, "requests_per_minute", CALLS_PER_MINUTE)
        )
        at, left = self._bucket
        passed = max(0.0, self.clock.now().timestamp() - at)
        return most, min(most, left + passed * most / SECONDS)

    def _exhausted(self) -> Response:
        """Return the answer to a call that finds the bucket empty."""
        most, _ = self._filled()
        response = refuse(429, SENTENCES[429])
        response.headers.update(_told(most, 0))
        # Documented is only RateLimit-Reset; Retry-After is believed, unverified.
        response.headers["Retry-After"] = response.headers["RateLimit-Reset"]
        return response

    def _planned(self, status: int, _request: Request) -> Response:
        """Return the answer to a request that is to fail with a status."""
        if status == 429:
            return self._exhausted()
        return refuse(status, SENTENCES.get(status, "Something went wrong."))

    def _held(self, name: str) -> Collection:
        return self.store.collection(SYSTEM, name)

    def _found(self, name: str, wanted: str) -> Document:
        """Return the record with this id or external id."""
        held = self._held(name)
        found = held.get(wanted)
        if found is None:
            same = held.find(f"{column('externalId')} = ?", (wanted,), limit=1)
            found = same[0] if same else None
        if found is None:
            raise Refusal(refuse(404, f"{name[:-1].capitalize()} not found."))
        return found

    def _list(self, name: str, owner: str = "", field: str = "") -> Handler:
        async def handler(request: Request) -> Response:
            query = request.query_params
            sort = query.get("sortBy", SORTS[0])
            if sort not in SORTS:
                raise wrong(f"sortBy must be one of {', '.join(SORTS)}.")
            where, values = self._status(name, query.get("status"))
            if owner:
                own = self._found(owner, request.path_params["id"])
                where.append(_belongs(name, field))
                values.append(own["id"])
            if query.get("from"):
                place = decoded(query["from"])
                text, given = behind(column(sort), *place, descending=True)
                where.append(text)
                values += given
            limit = _limit(query.get("limit"))
            lag = float(self.store.condition(SYSTEM, "list_lag_seconds", 0))
            rows = self._held(name).select(
                f"body, {column(sort)}, place",
                " and ".join(where),
                values,
                order=f"{column(sort)} desc, place desc",
                limit=limit + 1,
                as_of=self.clock.now() - timedelta(seconds=lag) if lag else None,
            )
            shown = rows[:limit]
            following = cursor_at(*shown[-1][1:]) if len(rows) > limit else None
            bodies = [body.encode() for body, *_ in shown]
            drift = Drift(self.store, name)
            if drift.changes:
                bodies = [dump(drift.shown(parsed(body))) for body in bodies]
            return answer({"results": listing(bodies), "next": following})

        return handler

    def _status(self, name: str, status: str | None) -> tuple[list[str], list[Value]]:
        if name not in {"accounts", "organizations"}:
            return [], []
        status = status or STATUSES[0]
        if status not in STATUSES:
            raise wrong(f"status must be one of {', '.join(STATUSES)}.")
        churned = column("churnedAt")
        texts = {"active": [f"{churned} is null"]}
        texts["churned"] = [f"{churned} is not null"]
        return texts.get(status, []), []

    def _retrieve(self, name: str) -> Handler:
        async def handler(request: Request) -> Response:
            return self._shown(name, self._found(name, request.path_params["id"]))

        return handler

    def _shown(self, name: str, record: Document) -> Response:
        return answer(Drift(self.store, name).shown(record))

    def _create(self, name: str) -> Handler:
        async def handler(request: Request) -> Response:
            given = self._checked(name, await _body(request))
            for field in KINDS[name].required:
                if given.get(field) in (None, ""):
                    raise wrong(f"{field} is required.")
            external = given.get("externalId")
            if external is not None:
                held = self._held(name)
                same = held.find(f"{column('externalId')} = ?", (external,), limit=1)
                if same:
                    return self._written(name, same[0], given)
            now = self._now()
            number = self.store.number()
            record: Document = {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{SYSTEM}:{name}:{number}")),
                "createdAt": now,
                "externalId": None,
                "traits": {},
            }
            if name in {"accounts", "organizations"}:
                record |= {"churnedAt": None, "healthScore": None, "mrr": None}
            return self._written(name, record, given)

        return handler

    def _update(self, name: str) -> Handler:
        async def handler(request: Request) -> Response:
            given = self._checked(name, await _body(request))
            found = self._found(name, request.path_params["id"])
            return self._written(name, found, given)

        return handler

    def _delete(self, name: str) -> Handler:
        async def handler(request: Request) -> Response:
            found = self._found(name, request.path_params["id"])
            self.store.delete(
                SYSTEM, name, found["id"], actor="api", request_id=self._request_id()
            )
            return answer({})

        return handler

    def _checked(self, name: str, given: Document) -> Document:
        """Return what may be written; refuse what is not of its type."""
        kind = KINDS[name]
        writable = Drift(self.store, name).writable((*kind.writable, "traits"))
        for field, value in given.items():
            if field not in writable:
                raise wrong(f"{field} is not a field that can be set.")
            sort = next((end for end in SORTS_OF if field.endswith(end)), "")
            fits, sentence = SORTS_OF.get(sort, (is_text, "must be a string"))
            if not fits(value):
                raise wrong(f"{field} {sentence}.")
        for field, other in kind.points.items():
            if given.get(field) is not None:
                given[field] = self._found(other, given[field])["id"]
        return given

    def _written(self, name: str, record: Document, given: Document) -> Response:
        """Change the record; a trait that is null goes, one that is absent stays."""
        traits = record["traits"] | given.pop("traits", {})
        record |= given
        record["traits"] = {
            key: value for key, value in traits.items() if value is not None
        }
        saved = self.store.create(
            SYSTEM, name, record, actor="api", request_id=self._request_id()
        )
        return self._shown(name, saved)

    def _request_id(self) -> str:
        return f"vitally_{self.store.number()}"

    def _now(self) -> str:
        return to_milliseconds(self.clock.now())


def _told(most: float, left: float) -> dict[str, str]:
    """Return the headers that tell of a bucket (docs.vitally.io, article 9880649).

    It resets in so many seconds as one call more takes to fill it.
    """
    return {
        "RateLimit-Limit": f"{most:.0f}, {most:.0f};window={SECONDS}",
        "RateLimit-Remaining": f"{left:.0f}",
        "RateLimit-Reset": str(math.ceil(SECONDS / most) if most else SECONDS),
    }


def _belongs(name: str, field: str) -> str:
    """Return the SQL for belonging to an account or organization."""
    if name == "users":
        return (
            f"exists (select 1 from json_each(body, '$.{field}s') as each"
            " where each.value = ?)"
        )
    return f"{column(field)} = ?"


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_LIMIT
    number = whole(text, 4)
    if number is None:
        raise wrong("limit must be a whole number.")
    if not 1 <= number <= MAX_LIMIT:
        raise wrong(f"limit must be from 1 to {MAX_LIMIT}.")
    return number


async def _body(request: Request) -> Document:
    if media_type(request) != JSON_TYPE:
        raise wrong("The content type must be application/json.")
    body = await body_of(request, refuse)
    try:
        given = parse_storable(body)
    except ValueError as error:
        raise wrong("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise wrong("The body must be an object.")
    return given
