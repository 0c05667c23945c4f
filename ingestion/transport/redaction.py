"""Redaction: a secret that this process knows never leaves it in a text.

Vendors quote what they were sent in their errors, and an exception's text ends in logs,
traces and files. Whoever takes a secret in hand names it here first; every fault is
then cleaned where it is made and where it is printed.
"""

import base64
import threading
from urllib.parse import quote, quote_plus

# Shorter words occur in ordinary sentences; no vendor issues so short a key.
_SHORTEST = 8
_MASK = "[secret]"

_known: set[str] = set()
_lock = threading.Lock()


class Secret(str):
    """A text that works as such but does not show itself in a repr or a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show that there is one, not which."""
        return _MASK


def secret(value: str) -> Secret:
    """Take a secret in hand: from now on no text that is `redacted` contains it."""
    if len(value) >= _SHORTEST:
        encoded = base64.b64encode(value.encode()).decode("ascii")
        with _lock:
            _known.update({value, encoded, quote(value, safe=""), quote_plus(value)})
    return Secret(value)


def redacted(text: str) -> str:
    """Return a text without the secrets that this process has in hand."""
    with _lock:
        found = [each for each in _known if each in text]
    # The longest first: a key may be a part of the pair it was sent in.
    for each in sorted(found, key=len, reverse=True):
        text = text.replace(each, _MASK)
    return text
