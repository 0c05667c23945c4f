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
    # Salesforce has no 429; who plans one means the limit.
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "SERVER_UNAVAILABLE",
}
ENDED = "Session expired or invalid"
SPENT = "TotalRequests Limit exceeded."
# What goes with a failure that no handler chose. The sentence of 503 is as users quote
# it (github.com/restforce/restforce/issues/156); that of 500 is believed, unverified.
_SENTENCES = {
    401: ENDED,
    403: SPENT,
    404: NOT_FOUND,
    429: SPENT,
    500: "An unexpected error occurred. Please include this ErrorId if you contact"
    " support: 1930384412-62471 (-1041187063)",
    503: "Server too busy",
}
# The token endpoint's own words where it fails; believed, unverified.
_LOGIN = {
    401: ("invalid_client", "invalid client credentials"),
    403: ("invalid_grant", "login rate exceeded"),
    429: ("invalid_grant", "login rate exceeded"),
}
_LOGIN_FAILED = ("unknown_error", "retry your request")


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
    code = _CODES.get(status, "UNKNOWN_EXCEPTION")
    sentence = _SENTENCES.get(status, sentence)
    return answer([Refused(code, sentence).error()], status)


def refuse_login(status: int) -> Response:
    """Return the token endpoint's error that goes with an HTTP status: an object."""
    error, sentence = _LOGIN.get(status, _LOGIN_FAILED)
    return answer({"error": error, "error_description": sentence}, status)
