"""Vendor: a declaration as what the module of a system offers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from ingestion.declared.access import Credential, Template, credential, template
from ingestion.declared.columns import NAMES
from ingestion.declared.faults import Faults, faults
from ingestion.declared.resources import Resource, resources
from ingestion.declared.said import Said, said
from ingestion.declared.walks import named, reading
from ingestion.errors import SystemFault
from ingestion.readings import Known, Reading
from ingestion.streams import Stream
from ingestion.transport.budget import Limits
from ingestion.transport.rest import Rest
from ingestion.transport.windows import Window

_KEYS = (
    *("vendor", "kind", "base_url", "auth", "headers", "limits", "errors", "names"),
    *("common", "resources"),
)
_NEEDS = ("vendor", "kind", "base_url", "auth", "limits", "resources")
_WINDOW = ("name", "calls", "per", "source", "paths", "each", "reserve")
Errors: TypeAlias = Mapping[str, type[SystemFault]]


@dataclass(frozen=True, eq=False)
class DeclaredVendor:
    """A vendor that a file declares; the names are those of a vendor's module.

    Attributes:
        name: its name, which is its file's.
        kind: what it is to the business.
        REQUIRED: the settings without which it is not connected.
        STREAMS: its raw tables.
        LIMITS: what it documents of its limits.
        ERRORS: what its errors ask for, by status, by code, or by both.
    """

    name: str
    kind: str
    REQUIRED: tuple[str, ...]
    STREAMS: tuple[Stream, ...]
    LIMITS: Limits
    ERRORS: Errors
    _base_url: Template
    _credential: Credential
    _headers: Mapping[str, str]
    _faults: Faults
    _resources: Mapping[str, Resource]

    def client(
        self, environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
    ) -> Rest:
        """Return its API with its credential; nothing is sent yet.

        Raises:
            Refused: an address cannot be used.
        """
        return Rest(
            self.name,
            self._base_url.address(environ),
            self._credential.auth(environ),
            self.classify,
            headers=self._headers,
            limits=self.LIMITS,
            transport=transport,
        )

    def readings(self, known: Known) -> Sequence[Reading]:
        """Return a walk for each resource: what changed, or everything where due."""
        return [reading(each, known) for each in self._resources.values()]

    def named(self, stream: str, ids: Sequence[str]) -> Reading:
        """Return the walk over just these records; those that are not there are Gone.

        Raises:
            KeyError: no stream of that name can be read by identifier.
        """
        return named(self._resources[stream], ids)

    def classify(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Turn an error answer into a fault."""
        return self._faults.classify(response, wrote=wrote)


def declared(text: str, file: str) -> DeclaredVendor:
    """Return the vendor that a file declares.

    Args:
        text: what the file says.
        file: its name, `<vendor>.yml`.

    Raises:
        DeclarationError: it cannot be read as a vendor.
    """
    keys = said(text, file).table(_KEYS, _NEEDS)
    name = keys["vendor"].name()
    if file != f"{name}.yml":
        raise keys["vendor"].wrong(
            f"the vendor is {name!r}", f"call the file {name}.yml, or correct the name"
        )
    base_url = template(keys["base_url"], name)
    who = credential(keys["auth"], name)
    own = tuple(dict.fromkeys((*base_url.settings, *who.settings)))
    errors = faults(keys.get("errors"), name, " and ".join(who.settings))
    names = keys["names"].choice(NAMES) if "names" in keys else "snake"
    found = resources(keys["resources"], keys.get("common"), names)
    return DeclaredVendor(
        name,
        keys["kind"].name(),
        own,
        tuple(each.stream for each in found),
        _limits(keys["limits"]),
        errors.classes,
        base_url,
        who,
        _headers(keys["headers"]) if "headers" in keys else {},
        errors,
        {each.stream.name: each for each in found},
    )


def _headers(declared: Said) -> dict[str, str]:
    headers = {name: each.text() for name, each in declared.pairs().items()}
    for name in headers:
        if name.lower() == "authorization":
            raise declared.wrong(
                "a credential is no plain header", "declare it as auth"
            )
    return headers


def _limits(declared: Said) -> Limits:
    keys = declared.table(
        ("concurrency", "source", "windows"), ("concurrency", "source")
    )
    windows = keys["windows"].entries() if "windows" in keys else []
    return Limits(
        tuple(map(_window, windows)),
        keys["concurrency"].number(1),
        keys["source"].text(),
    )


def _window(declared: Said) -> Window:
    keys = declared.table(_WINDOW, ("name", "calls", "per", "source"))
    return Window(
        keys["name"].text(),
        keys["calls"].number(1),
        keys["per"].seconds(),
        keys["source"].text(),
        _expression(keys["paths"]) if "paths" in keys else "",
        keys["each"].flag() if "each" in keys else False,
        keys["reserve"].share() if "reserve" in keys else 0.0,
    )


def _expression(declared: Said) -> str:
    text = declared.text()
    try:
        re.compile(text)
    except re.error as error:
        raise declared.wrong(
            f"{text!r} is no regular expression ({error})", "correct it"
        ) from error
    return text
