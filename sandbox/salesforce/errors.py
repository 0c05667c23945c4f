"""Errors: what Salesforce answers when it says no, for a request and for a row."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.wire import answer

NOT_FOUND = "The requested resource does not exist"
_CODES = {
    400: "MALFORMED_REQUEST",
    401: "INVALID_SESSION_ID",
    403: "REQUEST_LIMIT_EXCEEDED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    412: "PRECONDITION_FAILED",
    413: "REQUEST_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    503: "SERVER_UNAVAILABLE",
}


class Refused(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """Salesforce says no: to a request, or to one row of it."""

    def __init__(
        self,
        code: str,
        sentence: str,
        fields: Sequence[str] = (),
        status: int = 400,
        **more: Any,
    ) -> None:
        """Keep code, sentence, fields, the HTTP status of a single request, and more.

        Args:
            code: `errorCode`, or `statusCode` of a row.
            sentence: what people read.
            fields: the fields that are wrong.
            status: the HTTP status, where the request is about one record.
            more: further keys of the error, such as `duplicateResult`.
        """
        super().__init__(sentence)
        self.code = code
        self.fields = list(fields)
        self.status = status
        self.more: Mapping[str, Any] = more

    def entry(self) -> dict[str, Any]:
        """Return the shape within a collection's result."""
        return {
            "statusCode": self.code,
            "message": str(self),
            "fields": self.fields,
            **self.more,
        }

    def error(self) -> dict[str, Any]:
        """Return the shape within the answer to a request of its own."""
        body: dict[str, Any] = {"message": str(self), "errorCode": self.code}
        if self.fields:
            body["fields"] = self.fields
        return {**body, **self.more}


def missing() -> Refused:
    """Return the answer to a path that leads nowhere."""
    return Refused("NOT_FOUND", NOT_FOUND, (), 404)


def refuse(status: int, sentence: str) -> Response:
    """Return the error that goes with an HTTP status: a list, even of one."""
    if status == 404:
        sentence = NOT_FOUND
    code = _CODES.get(status, "UNKNOWN_EXCEPTION")
    return answer([Refused(code, sentence).error()], status)
