"""Calls: requests over one kept connection, as cheaply as the standard library can."""

import http.client
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


class UnexpectedAnswerError(RuntimeError):
    """The sandbox did not answer as it should; says what it said."""


class Caller:
    """One connection to the sandbox: by path, or to a vendor's hostname over TLS."""

    def __init__(self, url: str, prefix: str = "") -> None:
        """Call the plain door; paths stand below `prefix`."""
        parts = urlsplit(url)
        self.headers: Mapping[str, str] = {}
        self.base = url + prefix  # what the vendor believes its address to be
        self._prefix = prefix
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=120
        )

    @classmethod
    def through(cls, door: str, host: str, ca_file: str) -> "Caller":
        """Return a caller of a vendor's real hostname, through the door."""
        parts = urlsplit(door)
        caller = cls(door)
        secure = http.client.HTTPSConnection(
            parts.hostname or "",
            parts.port,
            timeout=120,
            context=ssl.create_default_context(cafile=ca_file),
        )
        secure.set_tunnel(host, 443)
        caller._connection = secure
        caller.base = f"https://{host}"
        return caller

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str, headers: Mapping[str, str]) -> bytes:
        """Return the body of an answer."""
        return self._call("GET", path, None, headers)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Return the body of the answer to a body."""
        return self._call("POST", path, body, headers)

    def _call(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        if not path.startswith(f"{self._prefix}/"):
            path = self._prefix + path
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        told = answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        if answer.status >= 400:
            said = told[:500].decode(errors="replace")
            raise UnexpectedAnswerError(f"{method} {path}: {answer.status} {said}")
        return told


def posted(url: str, value: bytes) -> Any:
    """Post JSON once."""
    caller = Caller(url)
    try:
        parts = urlsplit(url)
        return caller.post(parts.path, value, {"Content-Type": "application/json"})
    finally:
        caller.close()
