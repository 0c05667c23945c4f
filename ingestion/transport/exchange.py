"""Exchange: one request and its whole answer, within a time and a size.

httpx bounds each wait for the next bytes, not their sum, and unpacks whatever comes.
A server that sends a byte a minute, or a gigabyte packed into a megabyte, would hold
the run; here both end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ingestion.transport import deadline
from ingestion.transport.budget import WALL, Timer

# NetSuite and Salesforce give up long requests themselves after 10 to 15 minutes; a
# page takes seconds. No wait for the next bytes is longer than the half of it.
DEADLINE_SECONDS = 120.0
# The largest pages in use are Business Central's: 20,000 records, about 40 MB.
LARGEST_BYTES = 128 * 1024 * 1024
# What we can unpack piece by piece; nothing else is asked for or taken.
ENCODINGS = "gzip, deflate"
_TAKEN = {"", "identity", "gzip", "deflate"}
TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class NotTakenError(Exception):
    """The answer was not taken in: its text says why, in lower case."""


class TooSlowError(NotTakenError):
    """The answer had begun and did not end in time."""


class TooLargeError(NotTakenError):
    """The answer is larger than any page, or packed in a way we do not unpack."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an exchange may take, and how large its answer may be when unpacked."""

    seconds: float = DEADLINE_SECONDS
    size: int = LARGEST_BYTES
    timer: Timer = WALL


def exchange(
    client: httpx.Client,
    method: str,
    url: str,
    bounds: Bounds | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **request: Any,
) -> httpx.Response:
    """Send a request and return its answer with the whole body, unpacked.

    Redirects are not followed: the request carries a credential.

    Raises:
        httpx.TransportError: no connection came about, or it broke.
        NotTakenError: the answer is too slow or too large.
    """
    within = bounds or Bounds()
    asked = client.build_request(
        method,
        url,
        headers={"Accept-Encoding": ENCODINGS, **(headers or {})},
        **request,
    )
    began = within.timer.now()
    with deadline.within(within.seconds):
        response = client.send(asked, stream=True, follow_redirects=False)
        try:
            body = _body(response, within, began)
        finally:
            response.close()
    kept = [
        (name, value)
        for name, value in response.headers.multi_items()
        # The body is no longer packed or in pieces.
        if name not in ("content-encoding", "transfer-encoding", "content-length")
    ]
    return httpx.Response(
        response.status_code, headers=kept, content=body, request=asked
    )


def _body(response: httpx.Response, within: Bounds, began: float) -> bytes:
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed not in _TAKEN:
        raise TooLargeError(f"the answer is packed as {packed[:40]!r}")
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > within.size:
            raise TooLargeError(
                f"the answer is larger than {within.size / 1024 / 1024:,.0f} MB"
            )
        if within.timer.now() - began > within.seconds:
            raise TooSlowError(f"the answer did not end in {within.seconds:.0f} s")
        parts.append(part)
    return b"".join(parts)
