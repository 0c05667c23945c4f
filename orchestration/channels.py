"""Channels: how an alert reaches people: Slack, e-mail, or a webhook of their own."""

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from ingestion.errors import SystemFault
from ingestion.transport.posts import post
from ingestion.transport.redaction import redacted, secret
from orchestration.alerts import Notice, values

SLACK = "CONCORD_ALERTS_SLACK_URL"
WEBHOOK = "CONCORD_ALERTS_WEBHOOK_URL"
WEBHOOK_SECRET = "CONCORD_ALERTS_WEBHOOK_SECRET"  # noqa: S105 - its name
SMTP = "CONCORD_ALERTS_SMTP_URL"
MAIL_FROM = "CONCORD_ALERTS_MAIL_FROM"
MAIL_TO = "CONCORD_ALERTS_MAIL_TO"
SETTINGS = (SLACK, WEBHOOK, WEBHOOK_SECRET, SMTP, MAIL_FROM, MAIL_TO)

SMTP_SECONDS = 20.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# 587 is where mail is handed in (RFC 6409); 465 where TLS comes first (RFC 8314).
_PORTS = {"smtp": 587, "smtps": 465}


class NotSentError(Exception):
    """A message did not leave; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to people."""

    name: str
    send: Callable[[Notice, datetime], None]  # raises NotSentError


def channels(environ: Mapping[str, str]) -> list[Channel]:
    """Return the ways that the settings name.

    Raises:
        NotSentError: one is named by half.
    """
    found = []
    if url := environ.get(SLACK):
        found.append(Channel("Slack", _slack(url)))
    if url := environ.get(WEBHOOK):
        found.append(Channel("webhook", _webhook(url, environ.get(WEBHOOK_SECRET, ""))))
    if url := environ.get(SMTP):
        missing = [name for name in (MAIL_FROM, MAIL_TO) if not environ.get(name)]
        if missing:
            raise NotSentError(
                f"{SMTP} is set and {' and '.join(missing)} not: set both."
            )
        found.append(
            Channel("e-mail", _mail(url, environ[MAIL_FROM], environ[MAIL_TO]))
        )
    return found


def written(notice: Notice) -> str:
    """Return a message as plain text."""
    mark = "✓ Over" if notice.is_over else "✕"
    lines = [f"{mark} {notice.headline}", *(f"  {each}" for each in notice.about)]
    for word, said in (
        ("Next", notice.next_step),
        ("Page", notice.page),
        ("Runbook", notice.runbook),
    ):
        if said:
            lines.append(f"{word}: {said}")
    return "\n".join(lines)


def _slack(url: str) -> Callable[[Notice, datetime], None]:
    def send(notice: Notice, at: datetime) -> None:
        del at
        text = written(notice)
        # What Slack takes for markup (docs.slack.dev, formatting message text).
        for sign, plain in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(sign, plain)
        _posted("Slack", url, json.dumps({"text": text}).encode(), {})

    return send


def _webhook(url: str, key: str) -> Callable[[Notice, datetime], None]:
    """Post as standardwebhooks.com has it, so that receivers need no code of ours."""
    secret(key)

    def send(notice: Notice, at: datetime) -> None:
        data = values(notice)
        said = {"type": data["type"], "timestamp": at.isoformat(), "data": data}
        body = json.dumps(said, ensure_ascii=False).encode()
        known = f"{notice.topic}\n{notice.headline}\n{notice.is_over}\n{at.isoformat()}"
        headers = {
            "webhook-id": f"msg_{hashlib.sha256(known.encode()).hexdigest()[:32]}",
            "webhook-timestamp": str(int(at.timestamp())),
        }
        if key:
            signed = (
                f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
                + body
            )
            digest = hmac.new(_bytes(key), signed, hashlib.sha256).digest()
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        _posted("webhook", url, body, headers)

    return send


def _bytes(key: str) -> bytes:
    """Return a key's bytes; those of the standard are written as whsec_BASE64."""
    if key.startswith("whsec_"):
        return base64.b64decode(key.removeprefix("whsec_"))
    return key.encode()


def _posted(name: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    kind = {"Content-Type": "application/json"}
    try:
        post(name, url, body, {**kind, **headers})
    except SystemFault as fault:
        raise NotSentError(str(fault)) from fault


def _mail(url: str, sender: str, to: str) -> Callable[[Notice, datetime], None]:
    server = urlsplit(url)
    secret(unquote(server.password or ""))

    def send(notice: Notice, at: datetime) -> None:
        message = EmailMessage()
        message["From"], message["To"] = sender, to
        over = "over: " if notice.is_over else ""
        message["Subject"] = " ".join(f"Concord: {over}{notice.headline}".split())
        message["Date"] = at
        message.set_content(written(notice))
        try:
            _handed_in(url, message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise NotSentError(
                redacted(
                    f"The mail server {server.hostname} did not take a message "
                    f"({type(error).__name__}: {error}): compare {SMTP} with what its "
                    "keeper says."
                )
            ) from error

    return send


def _handed_in(url: str, message: EmailMessage) -> None:
    """Give a message to the mail server; a password never goes unencrypted."""
    server = urlsplit(url)
    if server.scheme not in _PORTS or not server.hostname:
        raise ValueError("an address is smtp://USER:PASSWORD@HOST:PORT or smtps://…")
    port = server.port or _PORTS[server.scheme]
    context = ssl.create_default_context()
    host = server.hostname
    with (
        smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
        if server.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    ) as client:
        if server.scheme == "smtp" and host not in _LOOPBACK:
            client.starttls(context=context)
        if server.username:
            client.login(unquote(server.username), unquote(server.password or ""))
        client.send_message(message)
