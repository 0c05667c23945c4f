"""Idempotency: a POST sent again under its key is answered again, not carried out."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from sandbox.chargebee.desk import SYSTEM, Desk
from sandbox.chargebee.shapes import INVALID, problem
from sandbox.wire import JSON_TYPE, Refusal

HEADER = "chargebee-idempotency-key"
REPLAYED = "chargebee-idempotency-replayed"
WINDOW_SECONDS = 30 * 60  # the vendor's documentation
LONGEST_KEY = 100  # the vendor's documentation
PAPERS = "_idempotency"
# The documentation says that path, body and headers are compared, not what the error
# is called: believed.
MISMATCH_CODE = "invalid_request"


class Idempotency:
    """What was answered under one request's key, if it has one."""

    def __init__(self, desk: Desk, request: Request, body: bytes) -> None:
        """Look at the key; refuse one that no client may send."""
        self.desk = desk
        self.key = request.headers.get(HEADER, "")
        if len(self.key) > LONGEST_KEY:
            sentence = f"{HEADER} cannot be more than {LONGEST_KEY} characters"
            raise Refusal(problem(400, INVALID, "invalid_request", sentence))
        path = request.scope["path"].encode()
        self.signature = hashlib.sha256(path + b"\0" + body).hexdigest()

    def replayed(self) -> Response | None:
        """Return the answer of the first time, if there was one within the window."""
        paper = self.desk.held(PAPERS).get(self.key) if self.key else None
        if paper is None or paper["at"] + WINDOW_SECONDS <= self.desk.now:
            return None
        if paper["signature"] != self.signature:
            sentence = "The idempotency key was used with other parameters before."
            raise Refusal(problem(400, INVALID, MISMATCH_CODE, sentence))
        headers = {REPLAYED: "true"}
        return Response(paper["answer"], paper["status"], headers, JSON_TYPE)

    def remember(self, response: Response) -> None:
        """Keep an answer: call it in the transaction of what the request did.

        A refusal is not kept, because it did nothing: that the vendor forgets it too
        is believed, not seen.
        """
        if self.key:
            paper = {
                "id": self.key,
                "at": self.desk.now,
                "signature": self.signature,
                "status": response.status_code,
                "answer": bytes(response.body).decode(),
            }
            self.desk.store.keep(SYSTEM, PAPERS, paper)
