"""Vendors: the registry of whom the sandbox plays, one line per vendor.

A vendor's settings reach whoever connects as `<NAME>_<SETTING>` (environment) and stand
in `sandbox.credentials` as `<name>_<setting>`; its address, `<NAME>_URL`, is its first
hostname.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sandbox.company.company import Company
from sandbox.credentials import Credentials
from sandbox.shapes import Document
from sandbox.store import Store
from sandbox.webhooks import Webhooks
from sandbox.wire import Api

# Settings that name a file, and what stands between the vendor's name and `_key` in the
# credentials. Salesforce's is not called as the product calls its own: with that set
# the product would sign its way in instead of using the client's secret.
KEY_FILES = {"private_key_file": "", "ec_private_key_file": "_ec", "jwt_key_file": ""}


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor as the sandbox plays it.

    Its package `sandbox/<name>` is imported when it is played or described: whoever
    plays one vendor needs no other.

    Attributes:
        name: its name, which is also the first word of its path on the plain door.
        hosts: its real hostnames; clients are told the first.
        service: its class in `api.py`, made of the store, the clock and the keys; its
            method `api()` returns the routes below the hostname.
        settings: what a client needs besides the address.
        sends: whether it sends webhooks; the class then takes the post office too.
    """

    name: str
    hosts: tuple[str, ...]
    service: str
    settings: tuple[str, ...]
    sends: bool = False

    def api(self, store: Store, keys: Credentials, hooks: Webhooks) -> Api:
        """Return its routes."""
        make: Any = getattr(import_module(f"sandbox.{self.name}.api"), self.service)
        office = (hooks,) if self.sends else ()
        routes: Api = make(store, store.clock, keys, *office).api()
        return routes

    def documents(self, company: Company) -> dict[str, list[Document]]:
        """Return the company's facts as its records, by object."""
        described = import_module(f"sandbox.{self.name}.documents")
        records: dict[str, list[Document]] = getattr(
            described, f"{self.name}_documents"
        )(company)
        return records

    def environment(self, keys: Credentials, home: Path) -> dict[str, str]:
        """Return what connects to it; writes its private keys, if it has some."""
        said = {"url": f"https://{self.hosts[0]}"}
        for setting in self.settings:
            if setting in KEY_FILES:
                named = f"{self.name}{KEY_FILES[setting]}"
                said[setting] = str(keys.write_key(named, home))
            else:
                said[setting] = getattr(keys, f"{self.name}_{setting}")
        return {f"{self.name}_{key}".upper(): value for key, value in said.items()}


VENDORS: tuple[Vendor, ...] = (
    Vendor(
        "salesforce",
        (
            "concord.my.salesforce.com",
            *("login.salesforce.com", "test.salesforce.com"),
        ),
        "Salesforce",
        ("client_id", "client_secret", "username", "jwt_key_file"),
    ),
    Vendor(
        "hubspot",
        ("api.hubapi.com",),
        "HubSpot",
        (
            *("access_token", "client_id", "client_secret"),
            *("refresh_token", "developer_key"),
        ),
        sends=True,
    ),
    Vendor(
        "stripe",
        ("api.stripe.com", "files.stripe.com", "meter-events.stripe.com"),
        "Stripe",
        ("api_key",),
        sends=True,
    ),
    Vendor(
        "chargebee",
        ("concord.chargebee.com", "concord.ingest.chargebee.com"),
        "Chargebee",
        ("api_key",),
        sends=True,
    ),
    Vendor(
        "zendesk",
        ("concord.zendesk.com",),
        "Zendesk",
        ("email", "api_token", "client_id", "client_secret"),
        sends=True,
    ),
    Vendor(
        "netsuite",
        ("1234567.suitetalk.api.netsuite.com", "1234567.restlets.api.netsuite.com"),
        "NetSuite",
        (
            *("client_id", "certificate_id", "private_key_file", "account"),
            *("ec_certificate_id", "ec_private_key_file"),
            *("consumer_key", "consumer_secret", "token_id", "token_secret"),
        ),
    ),
    Vendor(
        "business_central",
        ("api.businesscentral.dynamics.com", "login.microsoftonline.com"),
        "BusinessCentral",
        ("tenant", "client_id", "client_secret"),
        sends=True,
    ),
    Vendor("vitally", ("concord.rest.vitally.io",), "Vitally", ("api_key",)),
)


def vendor(name: str) -> Vendor:
    """Return the vendor of that name; KeyError if the sandbox plays none."""
    return {each.name: each for each in VENDORS}[name]


def environment(keys: Credentials, home: Path) -> dict[str, str]:
    """Return the settings of all vendors; private keys are written to `home`."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        name: value
        for each in VENDORS
        for name, value in each.environment(keys, home).items()
    }
