"""Zendesk's webhooks: who wants to hear of what, and what was sent to them."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import wall_seconds
from sandbox.store import Document, Write, column
from sandbox.webhooks import Webhooks
from sandbox.wire import Refusal, answer, dump, listing, made
from sandbox.zendesk.account import ACCOUNT_ID, Account, stamp
from sandbox.zendesk.events import events_of, payload
from sandbox.zendesk.hook_rules import check, signature
from sandbox.zendesk.shapes import body_json, error, not_found

WEBHOOK = "webhook"
_WRITABLE = (
    "name",
    "description",
    "endpoint",
    "http_method",
    "request_format",
    "status",
    "subscriptions",
    "custom_headers",
)


class Hooks:
    """The webhooks of one account."""

    def __init__(self, account: Account, post: Webhooks) -> None:
        """Send through this post office what writes mean to subscribers."""
        self.account = account
        self.post = post
        self.held = account.held(WEBHOOK)
        self.held.index("id")
        self.invocations_held = account.held("_invocation")
        self.invocations_held.index("webhook_id", "id")
        account.store.observers.append(self.observed)

    def observed(self, write: Write) -> None:
        """Tell the subscribers what a write means."""
        if write.system != "zendesk" or not len(self.held):
            return
        hooks = self.held.find(f"{column('status')} = 'active'")
        for event in events_of(write):
            number = self.account.store.number()
            event_id = _uuid(made("", "event", number, length=40))
            body = dump(payload(event, event_id, write))
            for hook in hooks:
                if event.type in hook["subscriptions"]:
                    self._send(hook, event.type, body)

    def _send(self, hook: Document, cause: str, body: bytes) -> str:
        """Hand a message to the post office; return the invocation's id."""
        invocation_id = _ulid("invocation", self.account.store.number())
        invocation = {
            "id": invocation_id,
            "webhook_id": hook["id"],
            "status": "in progress",
            "status_code": None,
            "latest_completed_at": None,
            "attempts": [],
            "cause": cause,
        }
        self.account.store.keep("zendesk", "_invocation", invocation)
        self.post.post(
            "zendesk",
            hook["endpoint"],
            body,
            partial(self._headers, hook["id"], invocation_id),
            partial(self._attempted, invocation_id),
        )
        return invocation_id

    def _headers(
        self, webhook_id: str, invocation_id: str, body: bytes
    ) -> Mapping[str, str]:
        """Return the headers of an attempt; the signature is made with today's secret.

        The wall's time: a receiver checks it against its own clock.
        """
        hook = self.held.get(webhook_id) or {}
        at = stamp(wall_seconds())
        return {
            "X-Zendesk-Account-Id": str(ACCOUNT_ID),
            "X-Zendesk-Webhook-Id": webhook_id,
            "X-Zendesk-Webhook-Invocation-Id": invocation_id,
            "X-Zendesk-Webhook-Signature": signature(
                str(hook.get("secret", "")), at, body
            ),
            "X-Zendesk-Webhook-Signature-Timestamp": at,
            "User-Agent": "Zendesk Webhook",
            **{str(k): str(v) for k, v in (hook.get("custom_headers") or {}).items()},
        }

    def _attempted(self, invocation_id: str, status: int | None) -> None:
        """Write down what became of an attempt."""
        found = self.invocations_held.get(invocation_id)
        if found is None:
            return
        is_done = status is not None and 200 <= status < 300
        attempt = {
            "id": _ulid("attempt", self.account.store.number()),
            "invocation_id": invocation_id,
            "status": "success" if is_done else "failed",
            "status_code": status,
            "completed_at": self.account.now(),
        }
        found["attempts"].append(attempt)
        found |= {
            "status": attempt["status"],
            "status_code": status,
            "latest_completed_at": attempt["completed_at"],
        }
        self.account.store.keep("zendesk", "_invocation", found)

    async def create(self, request: Request) -> Response:
        """Add a webhook, or a copy of one."""
        copied = request.query_params.get("clone_webhook_id")
        if copied is not None:
            wanted = dict(self._known(copied))
        else:
            wanted = await _wanted(request)
        hook = {
            "id": _ulid("webhook", self.account.store.number()),
            "name": None,
            "description": None,
            "endpoint": None,
            "http_method": "POST",
            "request_format": "json",
            "status": "active",
            "subscriptions": [],
            "custom_headers": None,
            "created_at": self.account.now(),
            "created_by": str(self.account.me()["id"]),
        } | {name: wanted[name] for name in _WRITABLE if name in wanted}
        hook["secret"] = self._secret()
        return answer({WEBHOOK: self._kept(hook)}, 201)

    async def update(self, request: Request) -> Response:
        """Change a webhook; a PUT names all that stays, a PATCH what changes."""
        hook = self._of(request)
        wanted = await _wanted(request)
        hook |= {name: wanted[name] for name in _WRITABLE if name in wanted}
        self._kept(hook)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """Take a webhook away."""
        self.account.store.drop("zendesk", WEBHOOK, self._of(request)["id"])
        return Response(status_code=204)

    async def every(self, request: Request) -> Response:
        """List the webhooks."""
        where, values = "1", []
        named = request.query_params.get("filter[name_contains]")
        if named:
            where, values = f"instr(lower({column('name')}), lower(?)) > 0", [named]
        hooks = self.held.find(where, values)
        nothing = {"has_more": False, "after_cursor": None, "before_cursor": None}
        return answer(
            {
                "webhooks": [_shown(each) for each in hooks],
                "meta": nothing,
                "links": {"prev": None, "next": None},
            }
        )

    async def one(self, request: Request) -> Response:
        """Show a webhook."""
        return answer({WEBHOOK: _shown(self._of(request))})

    async def secret(self, request: Request) -> Response:
        """Show the secret that signs, or on POST make a new one."""
        hook = self._of(request)
        if request.method == "POST":
            hook["secret"] = self._secret()
            self._kept(hook)
        secret = {"algorithm": "SHA256", "secret": hook["secret"]}
        return answer(
            {"signing_secret": secret}, 201 if request.method == "POST" else 200
        )

    async def invocations(self, request: Request) -> Response:
        """List what was sent to a webhook."""
        hook = self._of(request)
        where = f"{column('webhook_id')} = ?"
        view = "json_remove(body, '$.attempts', '$.cause', '$.webhook_id')"
        rows = self.invocations_held.select(
            view, where, (hook["id"],), order="place desc", limit=100
        )
        return answer(
            {
                "invocations": listing(body.encode() for (body,) in rows),
                "meta": {
                    "has_more": False,
                    "after_cursor": None,
                    "before_cursor": None,
                },
                "links": {"prev": None, "next": None},
            }
        )

    async def attempts(self, request: Request) -> Response:
        """List the attempts of one invocation."""
        hook = self._of(request)
        found = self.invocations_held.get(request.path_params["invocation_id"])
        if found is None or found["webhook_id"] != hook["id"]:
            raise not_found()
        return answer({"attempts": found["attempts"]})

    async def test(self, request: Request) -> Response:
        """Send a trial message to a webhook that is there."""
        body = await body_json(request)
        hook = self._known(request.query_params.get("webhook_id", ""))
        asked = body.get("request")
        text = asked.get("payload") if isinstance(asked, dict) else None
        self._send(hook, "test", str(text or "{}").encode())
        return answer({"response": {"status": 202, "headers": [], "payload": ""}})

    def _kept(self, hook: Document) -> Document:
        check(hook)
        hook["updated_at"] = self.account.now()
        hook["updated_by"] = str(self.account.me()["id"])
        self.account.store.keep("zendesk", WEBHOOK, hook)
        return _shown(hook)

    def _secret(self) -> str:
        number = self.account.store.number()
        return made("", "zendesk secret", number, length=54) + "=="

    def _of(self, request: Request) -> Document:
        return self._known(request.path_params["id"])

    def _known(self, webhook_id: str) -> Document:
        hook = self.held.get(webhook_id)
        if hook is None:
            raise not_found()
        return hook


async def _wanted(request: Request) -> Document:
    wanted = (await body_json(request)).get(WEBHOOK)
    if not isinstance(wanted, dict):
        sentence = "Parameter webhook is required"
        raise Refusal(error(400, "ParameterMissing", sentence))
    return wanted


def _shown(hook: Document) -> Document:
    return {name: value for name, value in hook.items() if name != "secret"}


def _ulid(*parts: Any) -> str:
    return "01" + made("", *parts, length=24).upper()


def _uuid(text: str) -> str:
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16]))
