"""Systems: the registry of what Concord reads, one line per system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from ingestion import (
    business_central,
    chargebee,
    declared,
    hubspot,
    netsuite,
    salesforce,
    stripe,
    tryton,
    zendesk,
)
from ingestion.errors import Refused
from ingestion.readings import Known, Reading
from ingestion.streams import Stream
from ingestion.transport import network
from ingestion.transport.budget import Limits
from ingestion.transport.rest import Rest


class Vendor(Protocol):
    """What the module of a system offers."""

    @property
    def REQUIRED(self) -> tuple[str, ...]:  # noqa: N802 -- a module's constant
        """Return the settings without which the system is not connected."""

    @property
    def STREAMS(self) -> tuple[Stream, ...]:  # noqa: N802 -- a module's constant
        """Return the raw tables."""

    @property
    def LIMITS(self) -> Limits:  # noqa: N802 -- a module's constant
        """Return what the vendor documents of its limits."""

    def client(
        self, environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
    ) -> Rest:
        """Return the system's API with its credential; nothing is sent yet."""

    def readings(self, known: Known) -> Sequence[Reading]:
        """Return the walks of a load; together they fill every stream."""

    def named(self, stream: str, ids: Sequence[str]) -> Reading:
        """Return the walk over just these records; those that are not there are Gone.

        Raises:
            KeyError: no stream of that name can be read by identifier.
        """


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
    System("hubspot", "crm", hubspot),
    System("stripe", "billing", stripe),
    System("chargebee", "billing", chargebee),
    System("zendesk", "support", zendesk),
    System("netsuite", "erp", netsuite),
    System("business_central", "erp", business_central),
    System("tryton", "erp", tryton),
    *(System(each.name, each.kind, each) for each in declared.VENDORS),
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
