"""Tokens: what a vendor gave to whoever signed in, and until when it opens the door.

They are kept as the collection `_token` of each vendor, where a fault finds them and
ends them early.
"""

from collections.abc import Mapping

from starlette.requests import Request

from sandbox.collection import Collection
from sandbox.stamps import key_of
from sandbox.store import Document, Store
from sandbox.wire import basic


class Tokens:
    """The tokens of one vendor."""

    def __init__(self, store: Store, system: str) -> None:
        """Keep them in the store."""
        self.store = store
        self.system = system

    @property
    def held(self) -> Collection:
        """All of them, those that are over too."""
        return self.store.collection(self.system, "_token")

    def give(self, token: str, seconds: int, **more: object) -> None:
        """Keep a new token, and more that is to be known of it."""
        until = self.store.clock.seconds() + seconds
        paper = {key_of(self.system): token, "until": until, **more}
        self.store.keep(self.system, "_token", paper)

    def valid(self, token: str | None) -> Document | None:
        """Return what is known of a token that is good now; None of any other."""
        paper = self.held.get(token) if token else None
        if paper is None or paper["until"] <= self.store.clock.seconds():
            return None
        return paper

    def end(self, token: str) -> bool:
        """Forget a token; say whether there was one."""
        known = self.held.get(token) is not None
        self.store.drop(self.system, "_token", token)
        return known


def client_of(request: Request, fields: Mapping[str, object]) -> object:
    """Return the (id, secret) of an OAuth client: of the form, or else of the header.

    RFC 6749, section 2.3.1, has both; whoever asks compares it with the right pair.
    """
    if "client_id" in fields:
        return fields["client_id"], fields.get("client_secret")
    return basic(request)
