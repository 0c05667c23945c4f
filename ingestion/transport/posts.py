"""Posts: one document to an address that a person gave us, such as a webhook.

The address is the credential: whoever knows it may write there. So it is named to the
redaction, and nothing that goes wrong shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from ingestion.errors import Refused, SystemFault, Transient
from ingestion.transport.exchange import Bounds
from ingestion.transport.redaction import secret
from ingestion.transport.rest import Rest

# Whoever takes a notice answers at once; a run does not wait for one that does not.
_BOUNDS = Bounds(seconds=20.0, size=1024 * 1024)


@dataclass(frozen=True, slots=True)
class _Nobody:
    """No credential besides the address."""

    identity: str

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return no header."""
        del client
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Nothing can be renewed."""
        del refused
        return False


def post(name: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post a document; asked again while the other side is busy, slow or away.

    So it may arrive twice: its receiver knows it by what it says.

    Args:
        name: What the other side is called in a message.
        url: Where to; https, or this machine.
        body: The document, as it may have been signed.
        headers: What the request says of it.

    Raises:
        SystemFault: It was not taken; the sentence does not show the address.
    """
    parts = urlsplit(url)
    path = secret(parts.path + (f"?{parts.query}" if parts.query else "")) or "/"
    with Rest(
        name,
        f"{parts.scheme}://{parts.netloc}",
        _Nobody(url),
        _Classifier(name),
        bounds=_BOUNDS,
    ) as rest:
        rest.read_post(path, content=body, headers=headers)


@dataclass(frozen=True, slots=True)
class _Classifier:
    """What an answer that is not a success asks for."""

    name: str

    def __call__(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Return the fault."""
        del wrote
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:  # noqa: PLR2004
            return Transient(self.name, f"answered {status}", status=status)
        return Refused(
            self.name,
            f"did not take it (answer {status})",
            "compare the address in the settings with the one shown there",
            status=status,
        )
