"""Credentials: what the invented company's systems ask for.

A field is named after its vendor; which of them a client is told is one word in the
vendor's entry in `sandbox.vendors`.
"""

from dataclasses import dataclass
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from sandbox.home import kept, write_private
from sandbox.wire import made

NETSUITE_KEY_BITS = 2048
SALESFORCE_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of keys for all systems; they open nothing but a sandbox."""

    business_central_tenant: str
    business_central_client_id: str
    business_central_client_secret: str
    salesforce_client_id: str
    salesforce_client_secret: str
    salesforce_username: str
    salesforce_key: RSAKey
    stripe_api_key: str
    chargebee_api_key: str
    hubspot_access_token: str
    hubspot_client_id: str
    hubspot_client_secret: str
    hubspot_refresh_token: str
    hubspot_developer_key: str
    zendesk_email: str
    zendesk_api_token: str
    zendesk_client_id: str
    zendesk_client_secret: str
    netsuite_client_id: str
    netsuite_certificate_id: str
    netsuite_key: RSAKey
    netsuite_account: str
    netsuite_ec_certificate_id: str
    netsuite_ec_key: ECKey
    netsuite_consumer_key: str
    netsuite_consumer_secret: str
    netsuite_token_id: str
    netsuite_token_secret: str
    vitally_api_key: str

    def write_key(self, name: str, home: Path) -> Path:
        """Write the private key `<name>_key` to `home`, readable by its owner alone."""
        key_file = _key_file(name, home)
        key: RSAKey | ECKey = getattr(self, f"{name}_key")
        write_private(key_file, key.as_pem(private=True))
        return key_file


def credentials(seed: int = 7, home: Path | None = None) -> Credentials:
    """Return a set of keys; all but the private keys are the same for the same seed.

    Private keys that were written to `home` before are taken from there.

    Raises:
        ValueError: a key's file holds no such key.
        OSError: a key's file cannot be read.
    """
    return Credentials(
        business_central_tenant=made("", "entra tenant", seed, length=36),
        business_central_client_id=made("", "entra client", seed, length=36),
        business_central_client_secret=made("", "entra secret", seed, length=40),
        salesforce_client_id=made("3MVG9sandbox", seed, length=40),
        salesforce_client_secret=made("", "salesforce", seed, length=64),
        salesforce_username="integration@concord.example",
        salesforce_key=_rsa("salesforce", SALESFORCE_KEY_BITS, home),
        stripe_api_key=made("sk_test_sandbox", seed),
        chargebee_api_key=made("test_", "chargebee", seed, length=32),
        hubspot_access_token=made("pat-na1-", "hubspot", seed, length=36),
        hubspot_client_id=made("", "hubspot client", seed, length=36),
        hubspot_client_secret=made("", "hubspot secret", seed, length=36),
        hubspot_refresh_token=made("na1-", "hubspot refresh", seed, length=36),
        hubspot_developer_key=made("", "hubspot developer", seed, length=36),
        zendesk_email="concord@sandbox.test",
        zendesk_api_token=made("", "zendesk", seed, length=40),
        zendesk_client_id="concord",
        zendesk_client_secret=made("", "zendesk client", seed, length=64),
        netsuite_client_id=made("", "netsuite", seed, length=64),
        netsuite_certificate_id=made("", "certificate", seed, length=43),
        netsuite_key=_rsa("netsuite", NETSUITE_KEY_BITS, home),
        netsuite_account="1234567",
        netsuite_ec_certificate_id=made("", "ec certificate", seed, length=43),
        netsuite_ec_key=_ec("netsuite_ec", home),
        netsuite_consumer_key=made("", "netsuite consumer", seed, length=64),
        netsuite_consumer_secret=made("", "netsuite secret", seed, length=64),
        netsuite_token_id=made("", "netsuite token id", seed, length=64),
        netsuite_token_secret=made("", "netsuite token secret", seed, length=64),
        vitally_api_key=made("sk_live_", "vitally", seed, length=32),
    )


def _key_file(name: str, home: Path) -> Path:
    return home / f"{name}.pem"


def _rsa(name: str, bits: int, home: Path | None) -> RSAKey:
    if home is None:
        return RSAKey.generate_key(bits)
    file = _key_file(name, home)
    content = kept(file, lambda: RSAKey.generate_key(bits).as_pem(private=True))
    try:
        return RSAKey.import_key(content)
    except (ValueError, JoseError) as error:
        raise _no_key(file) from error


def _ec(name: str, home: Path | None) -> ECKey:
    if home is None:
        return ECKey.generate_key("P-256")
    file = _key_file(name, home)
    content = kept(file, lambda: ECKey.generate_key("P-256").as_pem(private=True))
    try:
        return ECKey.import_key(content)
    except (ValueError, JoseError) as error:
        raise _no_key(file) from error


def _no_key(file: Path) -> ValueError:
    return ValueError(f"{file} holds no key of the sandbox's: remove it.")
