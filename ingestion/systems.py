"""Systems: the registry of what Concord reads, one line per system."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx

from ingestion import netsuite, network, salesforce, stripe, tryton, zendesk
from ingestion.errors import Refused
from ingestion.rest import Rest
from ingestion.streams import Arrival, Stream


class Vendor(Protocol):
    """What the module of a system offers."""

    @property
    def REQUIRED(self) -> tuple[str, ...]:  # noqa: N802 -- a module's constant
        """Return the settings without which the system is not connected."""

    @property
    def STREAMS(self) -> tuple[Stream, ...]:  # noqa: N802 -- a module's constant
        """Return the raw tables."""

    def client(
        self, environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
    ) -> Rest:
        """Return the system's API with its credential; nothing is sent yet."""

    def read(self, rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
        """Yield what there is, of a stream in `since` what changed from then on."""


@dataclass(frozen=True, slots=True)
class System:
    """A system that Concord reads: its name, what it is to the business, its module."""

    name: str
    kind: str
    vendor: Vendor

    @property
    def required(self) -> tuple[str, ...]:
        """Return the settings without which the system is not connected."""
        return self.vendor.REQUIRED

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Return the raw tables of this system."""
        return self.vendor.STREAMS

    @property
    def schema(self) -> str:
        """Return the warehouse schema that holds the raw tables."""
        return f"raw_{self.name}"

    def is_connected(self, environ: Mapping[str, str]) -> bool:
        """Tell whether all required settings have a value."""
        return all(environ.get(name) for name in self.required)

    def connect(
        self, environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
    ) -> Rest:
        """Return the client of this system, by `transport` or as the settings say.

        Raises:
            Refused: a setting has no value or cannot be used.
        """
        missing = [name for name in self.required if not environ.get(name)]
        if missing:
            raise Refused(
                self.name,
                "the system is not connected",
                f"set {', '.join(missing)}, then run again",
            )
        try:
            way = transport or network.transport(environ)
        except network.NetworkSettingError as error:
            raise Refused(
                self.name, str(error), "correct it, then run again"
            ) from error
        return self.vendor.client(environ, way)


SYSTEMS: tuple[System, ...] = (
    System("salesforce", "crm", salesforce),
    System("stripe", "billing", stripe),
    System("zendesk", "support", zendesk),
    System("netsuite", "erp", netsuite),
    System("tryton", "erp", tryton),
)


def system(name: str) -> System:
    """Return the system of that name.

    Raises:
        KeyError: there is none.
    """
    for candidate in SYSTEMS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in SYSTEMS)
    raise KeyError(f"no system is named {name!r}; there are {known}")


def connected(environ: Mapping[str, str]) -> tuple[System, ...]:
    """Return the systems whose required settings all have a value."""
    return tuple(system for system in SYSTEMS if system.is_connected(environ))
