"""Access: the address and the credential of a declared vendor, from settings.

A file names settings in braces, `{api_key}`, and the environment has them by the
vendor's name, `VITALLY_API_KEY`. A secret never stands in a file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ingestion.declared.said import Said
from ingestion.transport.auth import Auth, FixedHeader, TokenAuth, basic, bearer
from ingestion.transport.links import base_of
from ingestion.transport.redaction import secret

_SETTING = re.compile(r"\{([^{}]*)\}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with settings in it."""

    vendor: str
    text: str

    @property
    def settings(self) -> tuple[str, ...]:
        """Return the names of its settings in the environment."""
        return tuple(
            f"{self.vendor}_{name}".upper() for name in _SETTING.findall(self.text)
        )

    def filled(self, environ: Mapping[str, str]) -> str:
        """Return the text with the settings' values."""
        return _SETTING.sub(
            lambda found: environ[f"{self.vendor}_{found[1]}".upper()], self.text
        )

    def address(self, environ: Mapping[str, str]) -> str:
        """Return the address, whether its settings end in a slash or not."""
        trimmed = {name: environ[name].rstrip("/") for name in self.settings}
        return self.filled(trimmed)


def template(declared: Said, vendor: str) -> Template:
    """Return a text with settings in it.

    Raises:
        DeclarationError: what stands in braces is no name.
    """
    text = declared.text()
    for name in _SETTING.findall(text):
        Said(declared.file, declared.line, declared.where, name).name()
    return Template(vendor, text)


@dataclass(frozen=True, slots=True)
class KeyHeader(FixedHeader):
    """A key in a header of the vendor's own."""

    name: str = "Authorization"

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return that header."""
        del client
        return {self.name: self.value}


@dataclass(frozen=True, slots=True)
class Credential:
    """How a vendor is told who asks: the kind, and its parts."""

    vendor: str
    kind: str
    parts: Mapping[str, Template]
    header: str

    @property
    def settings(self) -> tuple[str, ...]:
        """Return the names of its settings in the environment."""
        return tuple(name for part in self.parts.values() for name in part.settings)

    def auth(self, environ: Mapping[str, str]) -> Auth:
        """Return the credential with its secrets.

        Raises:
            Refused: the address of the token endpoint cannot be used.
        """
        parts = {name: part.filled(environ) for name, part in self.parts.items()}
        if self.kind == "oauth2":
            return self._token(parts, self.parts["token_url"].address(environ))
        if self.kind == "basic":
            secret(parts["username"])
            return basic(parts["username"], parts["password"])
        if self.kind == "bearer":
            return bearer(parts["token"])
        return KeyHeader(secret(parts["value"]), self.header)

    def _token(self, parts: Mapping[str, str], token_url: str) -> Auth:
        form = {
            "grant_type": "client_credentials",
            "client_id": parts["client_id"],
            "client_secret": secret(parts["client_secret"]),
        }
        if "scope" in parts:
            form["scope"] = parts["scope"]
        return TokenAuth(
            self.vendor,
            base_of(self.vendor, token_url),
            lambda: (form, {}),
            " and ".join(self.settings),
            identity=parts["client_id"],
        )


# Per kind: the parts it needs, and those that it may have.
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "basic": (("username", "password"), ()),
    "bearer": (("token",), ()),
    "api_key": (("header", "value"), ()),
    "oauth2": (("token_url", "client_id", "client_secret"), ("scope",)),
}
# What is no secret, so that it may stand in the file.
_OPEN = ("kind", "header", "token_url", "scope")


def credential(declared: Said, vendor: str) -> Credential:
    """Return how a vendor is told who asks.

    Raises:
        DeclarationError: it cannot be read so, or a secret stands in the file.
    """
    every = declared.pairs()
    if "kind" not in every:
        raise declared.wrong(
            "the key 'kind' is missing", f"add one of {', '.join(KINDS)}"
        )
    kind = every["kind"].choice(KINDS)
    needs, others = KINDS[kind]
    keys = declared.table(("kind", *needs, *others), needs)
    parts = {}
    for name, each in keys.items():
        # Where one of a pair is the key, vendors leave the other one empty.
        if kind == "basic" and each.value == "":
            parts[name] = Template(vendor, "")
            continue
        part = template(each, vendor)
        if name not in _OPEN and not part.settings:
            raise each.wrong(
                "a secret does not stand in a file",
                f'name a setting in braces, such as "{{{name}}}"',
            )
        parts[name] = part
    header = keys["header"].text() if "header" in keys else ""
    if header and not _HEADER.fullmatch(header):
        raise keys["header"].wrong(f"{header!r} is no name of a header", "correct it")
    found = Credential(vendor, kind, parts, header)
    if not found.settings:
        raise declared.wrong("no setting is named", 'write one, such as "{api_key}"')
    return found
