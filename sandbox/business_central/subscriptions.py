"""Business Central's notifications: handshake, three days, changes gathered up."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from sandbox.business_central.books import OWNER, SYSTEM, Books
from sandbox.business_central.entities import ENTITIES
from sandbox.business_central.marks import etag, guid
from sandbox.business_central.shapes import Answer, Call, answered, bad, refused
from sandbox.instants import to_milliseconds
from sandbox.store import Document, Write, column
from sandbox.webhooks import TIMEOUT_SECONDS, Webhooks, is_loopback
from sandbox.wire import dump

# learn.microsoft.com, dynamics-subscriptions: 3 days, about 30 seconds.
SUBSCRIPTION_SECONDS = 3 * 86_400
COALESCE_SECONDS = 30
MAX_STATE = 2048
# Believed, not verified: from how many changes on a notification names the set only.
COLLECTION_FROM = 100
# What is tried again; any other answer ends the subscription.
_AGAIN = (408, 429)
_NAME = "subscriptions"


class Subscriptions:
    """The subscriptions of all companies."""

    def __init__(self, books: Books, post: Webhooks) -> None:
        """Send through this post office."""
        self.books = books
        self.post = post
        self.held = books.store.collection(SYSTEM, _NAME)
        self.waiting = books.store.collection(SYSTEM, "_change")
        self.waiting.index("subscription")
        self.waiting.index("due")
        books.store.observers.append(self.observed)

    async def answer(self, call: Call) -> Answer:
        """Carry out a call to `subscriptions`."""
        named = call.path.partition("(")[2].rstrip(")").strip("'")
        match call.method, bool(named):
            case "GET", False:
                found = [_shown(each) for each in self.held]
                context = f"{call.root}/$metadata#subscriptions"
                return answered({"@odata.context": context, "value": found})
            case "GET", True:
                return answered(_shown(self._known(named)))
            case "POST", False:
                return await self._create(call)
            case "PATCH", True:
                return await self._renew(call, named)
            case "DELETE", True:
                self._guard(call, self._known(named))
                self.books.store.drop(SYSTEM, _NAME, named)
                return Answer(204)
        sentence = f"'{call.method}' requests for 'subscriptions' are not allowed here."
        raise refused(405, "BadRequest_MethodNotAllowed", sentence)

    async def _create(self, call: Call) -> Answer:
        wanted = call.body or {}
        url, resource = wanted.get("notificationUrl"), wanted.get("resource")
        state = wanted.get("clientState", "")
        if not isinstance(url, str) or not is_loopback(url):
            # Business Central wants https; the sandbox calls this machine and no other.
            raise bad("The notificationUrl is invalid.")
        place = _place(resource)
        if (
            place is None
            or self.books.held(ENTITIES["companies"]).get(place[0]) is None
        ):
            raise bad("The resource cannot be subscribed to.")
        if not isinstance(state, str) or len(state) > MAX_STATE:
            raise bad(f"The clientState has at most {MAX_STATE} characters.")
        subscription_id = guid("subscription", url, *place).replace("-", "")
        if self.held.get(subscription_id) is not None:
            raise refused(
                400,
                "Internal_EntityWithSameKeyExists",
                "The subscription exists already.",
            )
        await self._shake_hands(url)
        paper = {
            "id": subscription_id,
            "notificationUrl": url,
            "resource": resource,
            "company": place[0],
            "object": place[1],
            "clientState": state,
        }
        return answered(self._kept(paper), 201)

    async def _renew(self, call: Call, subscription_id: str) -> Answer:
        """Renew a subscription; the handshake is made once more."""
        paper = self._known(subscription_id)
        self._guard(call, paper)
        wanted = call.body or {}
        url = wanted.get("notificationUrl", paper["notificationUrl"])
        state = wanted.get("clientState", paper["clientState"])
        if not isinstance(url, str) or not is_loopback(url):
            raise bad("The notificationUrl is invalid.")
        if not isinstance(state, str) or len(state) > MAX_STATE:
            raise bad(f"The clientState has at most {MAX_STATE} characters.")
        await self._shake_hands(url)
        return answered(
            self._kept(paper | {"notificationUrl": url, "clientState": state})
        )

    def _kept(self, paper: Document) -> Document:
        now = self.books.clock.now()
        lasts = float(
            self.books.condition("subscription_seconds", SUBSCRIPTION_SECONDS)
        )
        paper |= {
            "@odata.etag": etag(self.books.store.number()),
            "userId": guid("user"),
            "lastModifiedDateTime": to_milliseconds(now),
            "expirationDateTime": to_milliseconds(now + timedelta(seconds=lasts)),
        }
        self.books.store.keep(SYSTEM, _NAME, paper)
        return _shown(paper)

    async def _shake_hands(self, url: str) -> None:
        """Ask the receiver to say a token back: nobody is notified unasked."""
        token = guid("handshake", url, self.books.store.number())
        async with httpx.AsyncClient(
            trust_env=False, timeout=TIMEOUT_SECONDS
        ) as client:
            try:
                answer = await client.post(url, params={"validationToken": token})
                said = answer.text.strip() if answer.status_code == 200 else ""
            except (httpx.HTTPError, UnicodeDecodeError):
                said = ""
        if not secrets.compare_digest(said.encode(), token.encode()):
            sentence = "The notificationUrl did not return the validation token."
            raise bad(sentence, "Application_ValidationTokenMismatch")

    def _known(self, subscription_id: str) -> Document:
        found = self.held.get(subscription_id)
        if found is None:
            sentence = "The subscription does not exist."
            raise refused(404, "Internal_RecordNotFound", sentence)
        return found

    def _guard(self, call: Call, paper: Document) -> None:
        tag = call.headers.get("if-match")
        if tag is None or not (tag == "*" or tag.startswith('W/"')):
            sentence = "Could not validate the client concurrency token required"
            raise bad(sentence, "BadRequest_InvalidToken")
        if tag not in ("*", paper["@odata.etag"]):
            sentence = "Another user has already changed the record."
            raise refused(409, "Request_EntityChanged", sentence)

    def observed(self, write: Write) -> None:
        """Keep a change for those who subscribed to it."""
        if write.system != SYSTEM or not len(self.held):
            return
        record = write.after or write.before or {}
        company = record.get(OWNER)
        now = self.books.clock.now().timestamp()
        gather = float(self.books.condition("coalesce_seconds", COALESCE_SECONDS))
        kind = "updated"
        if write.before is None:
            kind = "created"
        elif write.after is None:
            kind = "deleted"
        for paper in self.held:
            if (paper["company"], paper["object"].lower()) != (company, write.object):
                continue
            change = {
                "id": f"{paper['id']}/{write.id}",
                "subscription": paper["id"],
                "due": int((now + gather) * 1000),
                "changeType": kind,
                "key": write.id,
                "lastModifiedDateTime": to_milliseconds(write.at),
            }
            before = self.waiting.get(change["id"])
            if before is not None:
                # Gathered: the first due time holds, and a new record stays new.
                change["due"] = before["due"]
                if before["changeType"] == "created" and kind == "updated":
                    change["changeType"] = "created"
            self.books.store.keep(SYSTEM, "_change", change)
            self._wake(gather)

    def _wake(self, seconds: float) -> None:
        """Look again when the gathering is over, where time runs by itself."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        loop.call_later(seconds + 0.01, self.flush)

    def flush(self) -> None:
        """Send what was gathered long enough; forget subscriptions that expired."""
        now = self.books.clock.now()
        due = self.waiting.find(
            f"{column('due')} <= ?", (int(now.timestamp() * 1000),), order="place"
        )
        if not due:
            return
        gathered: dict[str, list[Document]] = {}
        for change in due:
            gathered.setdefault(change["subscription"], []).append(change)
        for subscription_id, changes in gathered.items():
            rest = self.waiting.find(
                f"{column('subscription')} = ?", (subscription_id,), order="place"
            )
            for change in rest:
                self.books.store.drop(SYSTEM, "_change", change["id"])
            paper = self.held.get(subscription_id)
            if paper is None:
                continue
            if paper["expirationDateTime"] <= to_milliseconds(now):
                self.books.store.drop(SYSTEM, _NAME, subscription_id)
                continue
            self._send(paper, rest or changes)

    def _send(self, paper: Document, changes: list[Document]) -> None:
        if len(changes) >= COLLECTION_FROM:
            newest = max(each["lastModifiedDateTime"] for each in changes)
            changes = [
                {"changeType": "collection", "key": "", "lastModifiedDateTime": newest}
            ]
        resource = str(paper["resource"]).rstrip("/")
        values = [
            {
                "subscriptionId": paper["id"],
                "clientState": paper["clientState"],
                "expirationDateTime": paper["expirationDateTime"],
                "resource": f"{resource}({each['key']})" if each["key"] else resource,
                "changeType": each["changeType"],
                "lastModifiedDateTime": each["lastModifiedDateTime"],
            }
            for each in changes
        ]
        self.post.post(
            SYSTEM,
            paper["notificationUrl"],
            dump({"value": values}),
            _unsigned,
            partial(self._attempted, paper["id"]),
        )

    def _attempted(self, subscription_id: str, status: int | None) -> None:
        """End a subscription whose receiver says anything but yes or later."""
        if status is None or 200 <= status < 300 or status in _AGAIN or status >= 500:
            return
        self.books.store.drop(SYSTEM, _NAME, subscription_id)


def _unsigned(_body: bytes) -> Mapping[str, str]:
    """Return no headers: the client state is all that proves the sender."""
    return {}


def _place(resource: Any) -> tuple[str, str] | None:
    """Return the company and the set that a resource names."""
    if not isinstance(resource, str):
        return None
    path = resource.rpartition("/api/v2.0/")[2].strip("/")
    company, _, name = path.partition("/")
    if not company.startswith("companies(") or not company.endswith(")"):
        return None
    if name not in ENTITIES or name == "companies":
        return None
    return company.removeprefix("companies(").removesuffix(")").lower(), name


def _shown(paper: Document) -> Document:
    hidden = ("id", "company", "object")
    named = {"subscriptionId": paper["id"]}
    tag = {"@odata.etag": paper["@odata.etag"]}
    return tag | named | {k: v for k, v in paper.items() if k not in hidden}
