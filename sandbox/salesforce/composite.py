"""Composite: up to 25 requests in one, the later ones built from earlier answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.calls import VERSIONS, Call, Reply
from sandbox.salesforce.errors import NOT_FOUND, Refused
from sandbox.salesforce.org import Org
from sandbox.store import Document
from sandbox.wire import dump, parse

MAX_SUBREQUESTS = 25
# Of the subrequests so many may be queries or collections.
MAX_HEAVY = 5
MAX_GRAPHS = 75
MAX_NODES = 500
_REFERENCE = re.compile(r"@\{([A-Za-z_]\w*)((?:\.\w+|\[\d{1,4}\])*)\}", re.ASCII)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]", re.ASCII)
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
# A subrequest has these from the request that carries it, and may not say otherwise.
_INHERITED = ("accept", "authorization", "content-type")
_HALTED = Refused(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction "
    "failed.",
)

Answer = Callable[[Call], Reply]


class _Halted(Exception):  # noqa: N818 -- it carries answers, not a defect
    """A subrequest failed, so none is kept."""

    def __init__(self, answers: list[Document]) -> None:
        super().__init__()
        self.answers = answers


class Composite:
    """`/composite`, `/composite/batch` and `/composite/graph`."""

    def __init__(self, org: Org, answer: Answer, count: Callable[[int], None]) -> None:
        """Answer subrequests.

        Args:
            org: whose writes are taken back together.
            answer: answers one subrequest; raises Refused.
            count: charges further calls to the day's budget.
        """
        self.org = org
        self.answer = answer
        self.count = count

    def composite(self, call: Call) -> Reply:
        """Answer up to 25 subrequests as one call."""
        body = call.json()
        wanted = _list(body, "compositeRequest")
        if len(wanted) > MAX_SUBREQUESTS:
            sentence = f"Limit exceeded: at most {MAX_SUBREQUESTS} subrequests"
            raise Refused("LIMIT_EXCEEDED", sentence)
        if sum(map(_is_heavy, wanted)) > MAX_HEAVY:
            sentence = f"Limit exceeded: at most {MAX_HEAVY} queries and collections"
            raise Refused("LIMIT_EXCEEDED", sentence)
        answers = self._run(call, wanted, whole=body.get("allOrNone") is True)
        return Reply(body={"compositeResponse": answers})

    def graph(self, call: Call) -> Reply:
        """Answer graphs of subrequests; each is kept whole or not at all."""
        graphs = _list(call.json(), "graphs")
        requests = [_list(each, "compositeRequest") for each in graphs]
        if len(graphs) > MAX_GRAPHS or sum(map(len, requests)) > MAX_NODES:
            sentence = f"Limit exceeded: {MAX_GRAPHS} graphs and {MAX_NODES} nodes"
            raise Refused("LIMIT_EXCEEDED", sentence)
        answered = []
        for graph, wanted in zip(graphs, requests, strict=True):
            answers = self._run(call, wanted, whole=True)
            answered.append(
                {
                    "graphId": graph.get("graphId"),
                    "graphResponse": {"compositeResponse": answers},
                    "isSuccessful": all(
                        each["httpStatusCode"] < 400 for each in answers
                    ),
                }
            )
        return Reply(body={"graphs": answered})

    def batch(self, call: Call) -> Reply:
        """Answer up to 25 independent subrequests; each counts as a call."""
        body = call.json()
        wanted, halt = _list(body, "batchRequests"), body.get("haltOnError") is True
        if len(wanted) > MAX_SUBREQUESTS:
            sentence = f"Limit exceeded: at most {MAX_SUBREQUESTS} subrequests"
            raise Refused("LIMIT_EXCEEDED", sentence)
        self.count(max(0, len(wanted) - 1))
        results: list[Document] = []
        failed = False
        for each in wanted:
            if failed and halt:
                sentence = "Batch processing halted per request"
                refused = Refused("BATCH_PROCESSING_HALTED", sentence, (), 412)
                results.append({"statusCode": 412, "result": [refused.error()]})
                continue
            request = {**each, "url": f"/services/data/{each.get('url')}"}
            reply = self._reply(call, request, each.get("richInput"))
            failed = failed or reply.status >= 400
            results.append({"statusCode": reply.status, "result": reply.body})
        return Reply(body={"hasErrors": failed, "results": results})

    def _run(
        self, call: Call, wanted: Sequence[Document], *, whole: bool
    ) -> list[Document]:
        seen: dict[str, Any] = {}
        for each in wanted:
            reference = each.get("referenceId")
            if not isinstance(reference, str) or reference in seen:
                sentence = "Each subrequest needs a referenceId of its own"
                raise Refused("INVALID_INPUT", sentence)
            seen[reference] = None
            _check_headers(each)
        try:
            with self.org.store.transaction():
                answers = self._answers(call, wanted, whole=whole)
                _check_all_went(answers, whole=whole)
        except _Halted as halted:
            answers = [
                each
                if _has_failed(each)
                else _answered(each["referenceId"], Reply(400, [_HALTED.error()]))
                for each in halted.answers
            ]
        return answers

    def _answers(
        self, call: Call, wanted: Sequence[Document], *, whole: bool
    ) -> list[Document]:
        answers: list[Document] = []
        known: dict[str, Any] = {}
        for each in wanted:
            reference = str(each["referenceId"])
            try:
                request = _resolved(each, known)
            except Refused as refused:
                reply = Reply(400, [refused.error()])
            else:
                reply = self._reply(call, *_bound(request, whole=whole))
            if reply.status < 400:
                known[reference] = reply.body
            answers.append(_answered(reference, reply))
        return answers

    def _reply(self, call: Call, request: Document, body: Any) -> Reply:
        try:
            return self.answer(_subrequest(call, request, body))
        except Refused as refused:
            return Reply(refused.status, [refused.error()])


def _list(body: Document, key: str) -> list[Document]:
    wanted = body.get(key)
    if not isinstance(wanted, list) or not all(
        isinstance(each, dict) for each in wanted
    ):
        raise Refused("JSON_PARSER_ERROR", f"{key} must be a list of objects")
    return wanted


def _check_all_went(answers: list[Document], *, whole: bool) -> None:
    if whole and any(map(_has_failed, answers)):
        raise _Halted(answers)


def _has_failed(answered: Document) -> bool:
    """Say whether a part failed, or a row of it if it is a collection."""
    rows = answered["body"] if isinstance(answered["body"], list) else []
    return answered["httpStatusCode"] >= 400 or any(
        isinstance(row, dict) and row.get("success") is False for row in rows
    )


def _check_headers(request: Document) -> None:
    given = request.get("httpHeaders")
    for name in given if isinstance(given, dict) else ():
        if str(name).lower() in _INHERITED:
            sentence = f"A subrequest may not have the header {name}"
            raise Refused("INVALID_INPUT", sentence)


def _bound(request: Document, *, whole: bool) -> tuple[Document, Any]:
    """Return a subrequest and its body; `allOrNone` outside overrides it inside."""
    body, url = request.get("body"), str(request.get("url"))
    if not whole or "/composite/sobjects" not in url:
        return request, body
    if request.get("method") == "DELETE":
        mark = "&" if "?" in url else "?"
        return {**request, "url": f"{url}{mark}allOrNone=true"}, body
    if isinstance(body, dict) and "records" in body:
        return request, {**body, "allOrNone": True}
    return request, body


def _is_heavy(request: Document) -> bool:
    path = str(request.get("url")).partition("?")[0].lower()
    return "/composite/sobjects" in path or "/query" in path


def _subrequest(call: Call, request: Document, body: Any) -> Call:
    method = str(request.get("method", "GET"))
    try:
        parts = urlsplit(str(request.get("url")))
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError as error:
        raise Refused("NOT_FOUND", NOT_FOUND, (), 404) from error
    steps = [unquote(each) for each in parts.path.strip("/").split("/")]
    allowed = steps[3:4] != ["composite"] or steps[4:5] in (["sobjects"], ["tree"])
    version = steps[2] if len(steps) > 2 else ""
    begins = steps[:2] == ["services", "data"] and version[1:] in VERSIONS
    if method not in _METHODS or not begins or not allowed or steps[3:4] == ["jobs"]:
        raise Refused("NOT_FOUND", NOT_FOUND, (), 404)
    given = request.get("httpHeaders")
    headers = dict(given) if isinstance(given, dict) else {}
    return Call(
        method,
        tuple(steps[3:]),
        params,
        {str(name).lower(): str(value) for name, value in headers.items()},
        body,
        version,
        call.request_id,
    )


def _resolved(request: Document, known: Mapping[str, Any]) -> Document:
    """Return a subrequest with the values that its references stand for."""
    return {
        key: _filled(value, known) if key in ("url", "body", "httpHeaders") else value
        for key, value in request.items()
    }


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _referred(whole, known)
    return _REFERENCE.sub(lambda found: str(_referred(found, known)), value)


def _referred(found: re.Match[str], known: Mapping[str, Any]) -> Any:
    reference, path = found[1], found[2]
    # The rows of a query are text until somebody looks into them.
    value = parse(dump(known.get(reference)))
    for step in _STEP.finditer(path):
        name, place = step[1], step[2]
        if name is not None and isinstance(value, dict):
            value = value.get(name)
        elif place is not None and isinstance(value, list) and int(place) < len(value):
            value = value[int(place)]
        else:
            value = None
    if value is None:
        sentence = (
            f"Invalid reference specified. No value for {found[0][2:-1]} found in "
            f"{reference}"
        )
        raise Refused("PROCESSING_HALTED", sentence)
    return value


def _answered(reference: str, reply: Reply) -> Document:
    return {
        "body": reply.body,
        "httpHeaders": reply.headers,
        "httpStatusCode": reply.status,
        "referenceId": reference,
    }
