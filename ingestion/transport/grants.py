"""Grants: what is exchanged for a token: signed assertions and refresh tokens."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from ingestion.errors import Refused
from ingestion.transport.redaction import Secret, secret

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Salesforce refuses an assertion that lives for more than minutes, NetSuite one of
# more than an hour.
_ASSERTION_SECONDS = 180


def signing_key(system: str, path: str) -> RSAKey:
    """Read the private key that signs assertions.

    Raises:
        Refused: the file is absent or holds no RSA key.
    """
    step = f"check {system.upper()}_PRIVATE_KEY_FILE, then run again"
    try:
        pem = Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(system, f"the key file {path} cannot be read", step) from error
    try:
        return RSAKey.import_key(pem)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(system, f"{path} holds no RSA private key", step) from error


def client_assertion(
    key: RSAKey,
    *,
    certificate_id: str,
    client_id: str,
    audience: str,
    scope: str,
    now: Callable[[], float] = time.time,
) -> dict[str, str]:
    """Return the form of a client that proves itself by a signature (RFC 7523, 2.2).

    NetSuite takes PS256 only; `certificate_id` names the certificate it knows.
    """
    header = {"alg": "PS256", "typ": "JWT", "kid": certificate_id}
    claims = {"iss": client_id, "scope": [scope], **_life(audience, now)}
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION,
        "client_assertion": _signed(header, claims, key),
    }


def jwt_bearer(
    key: RSAKey,
    *,
    client_id: str,
    subject: str,
    audience: str,
    now: Callable[[], float] = time.time,
) -> dict[str, str]:
    """Return the form that exchanges a signed assertion for a token (RFC 7523, 2.1).

    Salesforce takes RS256; `subject` is the user the token speaks for.
    """
    header = {"alg": "RS256", "typ": "JWT"}
    claims = {"iss": client_id, "sub": subject, **_life(audience, now)}
    return {"grant_type": JWT_BEARER, "assertion": _signed(header, claims, key)}


def _life(audience: str, now: Callable[[], float]) -> dict[str, Any]:
    issued = int(now())
    return {"aud": audience, "iat": issued, "exp": issued + _ASSERTION_SECONDS}


def _signed(header: dict[str, str], claims: dict[str, Any], key: RSAKey) -> Secret:
    return secret(jwt.encode(header, claims, key, algorithms=[header["alg"]]))


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token in a file of its own, which a new one replaces when it rotates.

    The file is the one place where it lives: after a rotation the old token is worth
    nothing, so the new one is on the disk before the access token is used.
    """

    system: str
    path: Path

    def form(self) -> dict[str, str]:
        """Return the form that exchanges it.

        Raises:
            Refused: the file cannot be read or is empty.
        """
        step = f"check {self.system.upper()}_REFRESH_TOKEN_FILE, then run again"
        try:
            token = self.path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(
                self.system, f"the file {self.path} cannot be read", step
            ) from error
        if not token:
            raise Refused(self.system, f"the file {self.path} is empty", step)
        return {"grant_type": "refresh_token", "refresh_token": secret(token)}

    def keep(self, answer: Mapping[str, Any]) -> None:
        """Replace the token by the one in an answer, if there is one.

        Raises:
            Refused: it cannot be written.
        """
        token = answer.get("refresh_token")
        if not isinstance(token, str) or not token:
            return
        secret(token)
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(token)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # the rename, too, outlives a loss of power
            finally:
                os.close(folder)
        except OSError as error:
            raise Refused(
                self.system,
                f"the new refresh token cannot be written to {self.path}",
                "make its folder writable and authorize anew: the old token has ended",
            ) from error
