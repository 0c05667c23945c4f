"""Zendesk's organizations: lists of them, and jobs that change up to 100 at once."""

from bisect import bisect_right
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Document, Store, column
from sandbox.wire import Refusal, answer, body_of, made, parse, root_url
from sandbox.zendesk.shapes import API, decoded, encoded, error, refuse, whole

MAX_PAGE = 100
MAX_MANY = 100
SUPPORT_TIERS = ("none", "standard", "premium")
JOB_STATES = ("queued", "working", "completed")
_WRITABLE = ("name", "external_id", "details", "notes", "domain_names", "tags")


class Organizations:
    """The organizations of one account."""

    def __init__(self, store: Store) -> None:
        """Write to the store."""
        self.store = store
        self._jobs: dict[str, tuple[int, Document]] = {}

    async def organizations(self, request: Request) -> Response:
        """List organizations by id, with cursors or with page numbers."""
        held = self.store.collection("zendesk", "organization")
        rows = held.find(order=column("id"))
        query = request.query_params
        if "page[size]" not in query and "page[after]" not in query:
            size = whole(request, "per_page", MAX_PAGE, MAX_PAGE)
            number = whole(request, "page", 1, None)
            first = (number - 1) * size
            more = first + size < len(rows)
            url = request.url.include_query_params(page=number + 1)
            return answer(
                {
                    "organizations": rows[first : first + size],
                    "next_page": str(url) if more else None,
                    "previous_page": None,
                    "count": len(rows),
                }
            )
        size = whole(request, "page[size]", MAX_PAGE, MAX_PAGE)
        after = query.get("page[after]")
        first = 0
        if after is not None:
            numbers = [row["id"] for row in rows]
            first = bisect_right(numbers, decoded(after)[1])
        page = rows[first : first + size]
        more = first + size < len(rows)
        cursor = encoded(("", page[-1]["id"])) if page else after
        following = f"page[size]={size}&page[after]={cursor}"
        url = request.url.replace(query=following)
        return answer(
            {
                "organizations": page,
                "meta": {
                    "has_more": more,
                    "after_cursor": cursor,
                    "before_cursor": after,
                },
                "links": {"prev": None, "next": str(url) if more else None},
            }
        )

    async def organization(self, request: Request) -> Response:
        """Return one organization."""
        document = self._organization(request.path_params["id"])
        if document is None:
            raise Refusal(error(404, "RecordNotFound", "Not found"))
        return answer({"organization": document})

    async def show_many(self, request: Request) -> Response:
        """Return the organizations with these ids; unknown ones are left out."""
        ids = [each for each in request.query_params.get("ids", "").split(",") if each]
        if not ids or not all(each.isdecimal() for each in ids):
            raise Refusal(error(400, "BadRequest", "ids must be a list of integers"))
        if len(ids) > MAX_MANY:
            sentence = f"A maximum of {MAX_MANY} ids is allowed"
            raise Refusal(error(400, "TooManyValues", sentence))
        found = [document for each in ids if (document := self._organization(each))]
        return answer(
            {
                "organizations": found,
                "next_page": None,
                "previous_page": None,
                "count": len(found),
            }
        )

    async def update_many(self, request: Request) -> Response:
        """Accept a job that changes up to 100 organizations."""
        try:
            body = parse(await body_of(request, refuse))
        except ValueError as broken:
            sentence = f"Invalid JSON: {broken}"
            raise Refusal(error(400, "InvalidJSON", sentence)) from broken
        items = body.get("organizations") if isinstance(body, dict) else None
        if not isinstance(items, list) or not items:
            sentence = "Parameter organizations is required"
            raise Refusal(error(400, "ParameterMissing", sentence))
        if len(items) > MAX_MANY:
            sentence = f"A maximum of {MAX_MANY} organizations can be updated at a time"
            raise Refusal(error(400, "TooManyValues", sentence))
        request_id = made("", "zendesk", self.store.number(), length=32).lower()
        results = [
            self._changed_one(place, item, request_id)
            for place, item in enumerate(items)
        ]
        job_id = made("", "job", self.store.number(), length=32).lower()
        job = {
            "id": job_id,
            "job_type": "Bulk Update Organization",
            "url": f"{root_url(request)}{API}/job_statuses/{job_id}.json",
            "total": len(items),
            "progress": len(items),
            "message": None,
            "results": results,
        }
        self._jobs[job_id] = (0, job)
        return answer({"job_status": _job_view(0, job)})

    async def job_status(self, request: Request) -> Response:
        """Return a job: queued when accepted, working when first asked, completed."""
        job_id = request.path_params["id"]
        if job_id not in self._jobs:
            raise Refusal(error(404, "RecordNotFound", "Not found"))
        polled, job = self._jobs[job_id]
        polled = min(polled + 1, len(JOB_STATES) - 1)
        self._jobs[job_id] = (polled, job)
        return answer({"job_status": _job_view(polled, job)})

    def _organization(self, number: object) -> Document | None:
        return self.store.collection("zendesk", "organization").get(str(number))

    def _changed_one(self, place: int, item: Any, request_id: str) -> Document:
        """Carry out one item of a job; return its result."""
        number = item.get("id") if isinstance(item, dict) else None
        document = self._organization(number)
        result = {"id": number, "index": place}
        if document is None:
            return result | _failure("OrganizationNotFound", "Organization not found")
        problem = self._problem(item, document)
        if problem:
            return result | _failure("RecordInvalid", problem)
        fields = {name: item[name] for name in _WRITABLE if name in item}
        for name, value in (item.get("organization_fields") or {}).items():
            # Zendesk passes over fields that it doesn't have.
            if name in document.get("organization_fields", {}):
                fields[f"organization_fields.{name}"] = value
        self.store.update(
            "zendesk",
            "organization",
            str(number),
            fields,
            actor="api",
            request_id=request_id,
        )
        return result | {"action": "update", "status": "Updated", "success": True}

    def _problem(self, item: Document, document: Document) -> str | None:
        custom = item.get("organization_fields") or {}
        if not isinstance(custom, dict):
            return "Organization fields: must be an object"
        tier = custom.get("support_tier")
        if tier is not None and tier not in SUPPORT_TIERS:
            return f"support_tier: '{tier}' is not a valid option of this drop-down"
        if "name" not in item:
            return None
        name = item["name"]
        if not isinstance(name, str) or not name.strip():
            return "Name: cannot be blank"
        held = self.store.collection("zendesk", "organization")
        taken = any(
            other["name"].casefold() == name.casefold()
            for other in held
            if other["id"] != document["id"]
        )
        return "Name: has already been taken" if taken else None


def _job_view(polled: int, job: Document) -> Document:
    status = JOB_STATES[polled]
    done = status == "completed"
    return job | {
        "status": status,
        "progress": job["progress"] if done else None,
        "message": "Completed" if done else None,
        "results": job["results"] if done else None,
    }


def _failure(code: str, sentence: str) -> Document:
    return {"error": code, "details": sentence, "status": "Failed", "success": False}
