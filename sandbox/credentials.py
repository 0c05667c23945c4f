"""Credentials: what the invented company's systems ask for, and the environment."""

from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import RSAKey

from sandbox.wire import made

NETSUITE_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of keys for all systems; they open nothing but a sandbox."""

    salesforce_client_id: str
    salesforce_client_secret: str
    stripe_api_key: str
    zendesk_email: str
    zendesk_api_token: str
    netsuite_client_id: str
    netsuite_certificate_id: str
    netsuite_key: RSAKey

    def environment(self, url: str, home: Path) -> dict[str, str]:
        """Return the settings that connect to the sandbox at `url`.

        Writes NetSuite's private key to `home`, readable by its owner alone.
        """
        home.mkdir(parents=True, exist_ok=True)
        key_file = home / "netsuite.pem"
        key_file.touch(mode=0o600)
        key_file.chmod(0o600)
        key_file.write_bytes(self.netsuite_key.as_pem(private=True))
        return {
            "SALESFORCE_URL": f"{url}/salesforce",
            "SALESFORCE_CLIENT_ID": self.salesforce_client_id,
            "SALESFORCE_CLIENT_SECRET": self.salesforce_client_secret,
            "STRIPE_URL": f"{url}/stripe",
            "STRIPE_API_KEY": self.stripe_api_key,
            "ZENDESK_URL": f"{url}/zendesk",
            "ZENDESK_EMAIL": self.zendesk_email,
            "ZENDESK_API_TOKEN": self.zendesk_api_token,
            "NETSUITE_URL": f"{url}/netsuite",
            "NETSUITE_CLIENT_ID": self.netsuite_client_id,
            "NETSUITE_CERTIFICATE_ID": self.netsuite_certificate_id,
            "NETSUITE_PRIVATE_KEY_FILE": str(key_file),
        }


def credentials(seed: int = 7) -> Credentials:
    """Return a set of keys; all but the RSA key are the same for the same seed."""
    return Credentials(
        salesforce_client_id=made("3MVG9sandbox", seed, length=40),
        salesforce_client_secret=made("", "salesforce", seed, length=64),
        stripe_api_key=made("sk_test_sandbox", seed),
        zendesk_email="concord@sandbox.test",
        zendesk_api_token=made("", "zendesk", seed, length=40),
        netsuite_client_id=made("", "netsuite", seed, length=64),
        netsuite_certificate_id=made("", "certificate", seed, length=43),
        netsuite_key=RSAKey.generate_key(NETSUITE_KEY_BITS),
    )
