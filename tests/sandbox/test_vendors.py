"""The registry: every vendor in it can be played, described and reached."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from sandbox.clients import DoorName
from sandbox.credentials import Credentials, credentials
from sandbox.vendors import KEY_FILES, VENDORS, Vendor, environment
from tests.sandbox.doors import Doors

DOORS: tuple[DoorName, ...] = ("process", "path", "host")
EACH = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)


def test_a_hostname_belongs_to_one_vendor() -> None:
    """Nobody answers in the place of somebody else."""
    hosts = [host for vendor in VENDORS for host in vendor.hosts]

    assert len(set(hosts)) == len(hosts)
    assert all(host == host.lower() for host in hosts)


@EACH
def test_what_a_client_is_told_is_among_the_credentials(vendor: Vendor) -> None:
    """A setting without a value would be found by a user first."""
    fields = {field.name for field in dataclasses.fields(Credentials)}
    wanted = {
        f"{vendor.name}{KEY_FILES[setting]}_key"
        if setting in KEY_FILES
        else f"{vendor.name}_{setting}"
        for setting in vendor.settings
    }

    assert wanted <= fields


def test_whoever_connects_is_told_every_credential(tmp_path: Path) -> None:
    """A login that nobody has the key to cannot be tried."""
    keys = credentials()

    told = environment(keys, tmp_path)

    for field in dataclasses.fields(keys):
        value = getattr(keys, field.name)
        if isinstance(value, str):
            assert told[field.name.upper()] == value
    for name, kind, key in (
        ("SALESFORCE_JWT_KEY_FILE", RSAKey, keys.salesforce_key),
        ("NETSUITE_PRIVATE_KEY_FILE", RSAKey, keys.netsuite_key),
        ("NETSUITE_EC_PRIVATE_KEY_FILE", ECKey, keys.netsuite_ec_key),
    ):
        written = kind.import_key(Path(told[name]).read_bytes())
        assert written.thumbprint() == key.thumbprint()


@EACH
def test_a_vendor_says_no_alike_at_all_doors(
    vendor: Vendor, open_doors: Callable[..., Doors]
) -> None:
    """An unknown path is answered in the vendor's shape, under all its hostnames."""
    doors = open_doors({}, only=[vendor.name])
    answers = []
    for door in DOORS:
        with doors.client(vendor.name, door) as client:
            answer = client.get("/no/such/thing")
        body = answer.json()
        shape = sorted(body[0]) if isinstance(body, list) else sorted(body)
        kind = answer.headers["content-type"]
        answers.append((answer.status_code, kind, shape))
    with doors.client(vendor.name, "host") as client:
        others = [client.get(f"https://{host}/no/such") for host in vendor.hosts]

    assert answers[0] == answers[1] == answers[2]
    assert {answer.status_code for answer in others} <= {401, 403, 404}
    assert answers[0][0] in (401, 403, 404)


@EACH
def test_an_unknown_method_is_refused_in_the_vendor_s_shape(
    vendor: Vendor, open_doors: Callable[..., Doors]
) -> None:
    """`BREW` is answered as JSON with a 4xx status, and nothing failed inside."""
    paths = {
        "salesforce": "/services/data/v68.0/limits",
        "hubspot": "/crm/v3/objects/companies",
        "stripe": "/v1/customers",
        "chargebee": "/api/v2/customers",
        "zendesk": "/api/v2/organizations",
        "netsuite": "/services/rest/record/v1/customer",
        "business_central": "/v2.0/companies",
        "vitally": "/resources/accounts",
    }
    doors = open_doors({}, only=[vendor.name])

    with doors.client(vendor.name) as client:
        answer = client.request("BREW", paths[vendor.name])

    assert 400 <= answer.status_code < 500
    assert answer.json()
