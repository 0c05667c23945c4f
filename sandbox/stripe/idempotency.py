"""Idempotency: a request that is repeated with its key is answered, not repeated.

As Stripe says: the first answer is kept whether it succeeded or failed, a 500 included;
nothing is kept where the parameters failed validation, or where the request never began
(429, 409).
"""

import json

from starlette.responses import Response

from sandbox.stripe.books import Books
from sandbox.stripe.shapes import error
from sandbox.wire import Refusal

MAX_KEY = 255  # docs.stripe.com/api/idempotent_requests
# The same page: keys can be removed after they are at least 24 hours old.
KEY_SECONDS = 24 * 60 * 60
_PAPER = "_idempotency"

Asked = tuple[str, list[tuple[str, str]]]


class Keys:
    """The keys of one account: the finished ones are kept, the running ones known."""

    def __init__(self) -> None:
        """Begin with no request running."""
        # What runs ends with the process, so its keys need not outlive it.
        self._running: set[str] = set()

    def begin(self, books: Books, key: str, asked: Asked) -> Response | None:
        """Return what was answered to this key before, if anything was.

        Raises:
            Refusal: the key came with another request, or its request still runs.
        """
        if not key or len(key) > MAX_KEY:
            sentence = f"Idempotency keys must be 1 to {MAX_KEY} characters long."
            raise Refusal(error(400, sentence, kind="idempotency_error"))
        if key in self._running:
            sentence = (
                "There is currently another in-progress request using this Idempotent "
                "Key (that probably means you submitted twice, and the other request "
                "is still going through). Try again later, or with another key."
            )
            raise Refusal(
                error(
                    409,
                    sentence,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            )
        before = books.get(_PAPER, key)
        if before is None or before["until"] <= books.now:
            self._running.add(key)
            return None
        if before["asked"] != _text(asked):
            sentence = (
                "Keys for idempotent requests can only be used with the same "
                "parameters they were first used with. Try using a key other than "
                f"'{key}' if you meant to execute a different request."
            )
            raise Refusal(error(400, sentence, kind="idempotency_error"))
        headers = {
            "Idempotent-Replayed": "true",
            "Original-Request": before["request_id"],
        }
        return Response(before["body"], before["status"], headers, "application/json")

    def end(self, key: str) -> None:
        """Let others use a key that was running."""
        self._running.discard(key)

    def keep(
        self, books: Books, key: str, asked: Asked, request_id: str, response: Response
    ) -> None:
        """Keep the first answer for a day."""
        paper = {
            "id": key,
            "asked": _text(asked),
            "status": response.status_code,
            "body": bytes(response.body).decode(),
            "request_id": request_id,
            "until": books.now + KEY_SECONDS,
        }
        books.keep(_PAPER, paper)


def _text(asked: Asked) -> str:
    path, pairs = asked
    return json.dumps([path, sorted(pairs)])
