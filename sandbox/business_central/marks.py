"""Business Central's marks: record ids and versions as it writes them."""

import base64
import hashlib
from uuid import UUID

NOBODY = "00000000-0000-0000-0000-000000000000"
NO_DAY = "0001-01-01"


def guid(*parts: object) -> str:
    """Return an id that looks random and is the same on every run."""
    text = "\x1f".join(map(str, ("business central", *parts)))
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16]))


def etag(number: int) -> str:
    """Return the tag of a record's version."""
    text = base64.b64encode(f"19;{number:019d}1;00;".encode()).decode()
    return f'W/"{text}"'
