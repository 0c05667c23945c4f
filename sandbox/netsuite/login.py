"""Login: signed assertions for tokens (OAuth 2), signed requests (OAuth 1).

What others sign they date by the wall's clock; a token of ours ends by the sandbox's.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import wall_seconds
from sandbox.credentials import Credentials
from sandbox.netsuite.shapes import (
    ACCOUNT,
    LOGIN_SENTENCE,
    REST,
    body_of,
    challenge,
    error,
)
from sandbox.store import Store, column
from sandbox.tokens import Tokens
from sandbox.wire import Refusal, answer, bearer, form, made, whole

TOKEN_PATH = f"{REST}/auth/oauth2/v1/token"
# Oracle's OAuth 2.0 guide: an access token lives for 60 minutes; the condition
# `token_seconds` shortens it.
TOKEN_SECONDS = 3600
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Oracle allows an assertion to live for an hour.
MAX_ASSERTION_SECONDS = 3600
# Two machines' clocks are never the same.
LEEWAY_SECONDS = 60
# How far a signed request's timestamp may be from NetSuite's clock.
TIMESTAMP_SECONDS = 300
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256")
SIGNATURE_METHOD = "HMAC-SHA256"
_CERTIFICATES = "_certificate"
# That an assertion is taken once only, and how the header of a 401 names the reasons,
# is believed, not documented.
REASONS = {
    "token": "token_rejected",
    "nonce": "nonce_used",
    "timestamp": "timestamp_refused",
    "signature": "signature_invalid",
}


def invalid_login(reason: str = "token", scheme: str = "Bearer") -> Refusal:
    """Return the refusal of whoever may not come in."""
    headers = {"WWW-Authenticate": challenge(REASONS[reason], scheme)}
    return Refusal(error(401, LOGIN_SENTENCE, headers=headers))


@dataclass(frozen=True, slots=True)
class _Signed:
    """The parameters of a request that was signed under OAuth 1."""

    parameters: dict[str, str]
    realm: str

    @classmethod
    def read(cls, header: str) -> "_Signed":
        """Read an Authorization header; a refusal if it isn't whole."""
        pairs = {}
        for part in header.partition(" ")[2].split(","):
            name, equals, value = part.strip().partition("=")
            if not equals or name in pairs:
                raise invalid_login("signature", "OAuth")
            pairs[name] = unquote(value.strip().strip('"'))
        realm = pairs.pop("realm", "")
        return cls(pairs, realm)


class Login:
    """Who may come in."""

    def __init__(self, store: Store, keys: Credentials) -> None:
        """Keep tokens, certificates, nonces and used assertions in the store."""
        self.store = store
        self.keys = keys
        self.tokens = Tokens(store, "netsuite")
        self._register(keys.netsuite_certificate_id, keys.netsuite_key)
        self._register(keys.netsuite_ec_certificate_id, keys.netsuite_ec_key)

    def _register(self, certificate_id: str, key: RSAKey | ECKey) -> None:
        """Keep a certificate: whoever has its private key is let in after a restart.

        The private key itself stays with the client, as at NetSuite.
        """
        public = key.as_dict(private=False)
        paper = {"id": key.thumbprint(), "kid": certificate_id}
        self.store.keep("netsuite", _CERTIFICATES, paper | {"key": public})

    def _certificates(self, certificate_id: str) -> list[RSAKey | ECKey]:
        """Return the public keys that were ever registered under an id."""
        papers = self.store.collection("netsuite", _CERTIFICATES).find(
            f"{column('kid')} = ?", (certificate_id,)
        )
        public = [each["key"] for each in papers]
        return [
            RSAKey.import_key(key) if key["kty"] == "RSA" else ECKey.import_key(key)
            for key in public
        ]

    def admit(self, request: Request) -> None:
        """Refuse a request that nobody of this account has sent."""
        header = request.headers.get("authorization", "")
        if header[:6].lower() == "oauth ":
            self._check_signature(request, _Signed.read(header))
            return
        if self.tokens.valid(bearer(request)) is None:
            raise invalid_login()

    async def token(self, request: Request) -> Response:
        """Give a token for an assertion that the account's certificate verifies."""
        try:
            fields = dict(form(await body_of(request)))
        except ValueError:
            fields = {}
        if fields.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            return answer({"error": "invalid_request"}, 400)
        own_address = str(request.url.replace(query=""))
        if not self._trusted(fields.get("client_assertion", ""), own_address):
            return answer({"error": "invalid_client"}, 400)
        seconds = int(self.store.condition("netsuite", "token_seconds", TOKEN_SECONDS))
        token = made("", "netsuite token", self.store.number(), length=64)
        self.tokens.give(token, seconds)
        return answer(
            {
                "access_token": token,
                "expires_in": str(seconds),
                "token_type": "bearer",
            }
        )

    def _trusted(self, assertion: str, audience: str) -> bool:
        """Say whether the assertion is ours: signature, names, lifetime, used once."""
        try:
            named = jws.extract_compact(assertion.encode()).headers().get("kid")
        except (JoseError, ValueError):
            return False
        for key in self._certificates(str(named)):
            try:
                token = jwt.decode(assertion, key, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError, TypeError):
                continue
            return self._right(token.claims, audience) and self._first(
                "_assertion",
                hashlib.sha256(assertion.encode()).hexdigest(),
                MAX_ASSERTION_SECONDS + LEEWAY_SECONDS,
            )
        return False

    def _right(self, claims: dict[str, object], audience: str) -> bool:
        scope = claims.get("scope", "")
        scopes = (
            scope if isinstance(scope, list) else str(scope).replace(",", " ").split()
        )
        audiences = claims.get("aud")
        audiences = audiences if isinstance(audiences, list) else [audiences]
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            return False
        now = wall_seconds()
        return (
            claims.get("iss") == self.keys.netsuite_client_id
            and "rest_webservices" in scopes
            and audience in audiences
            and issued - LEEWAY_SECONDS <= now < expires + LEEWAY_SECONDS
            and expires - issued <= MAX_ASSERTION_SECONDS
        )

    def _first(self, papers: str, name: str, seconds: int) -> bool:
        """Say whether a paper is seen for the first time; forget those long over."""
        now = wall_seconds()
        held = self.store.collection("netsuite", papers)
        if held.get(name) is not None:
            return False
        self.store.run(f"delete from {held.table} where {column('until')} < ?", (now,))
        self.store.keep("netsuite", papers, {"id": name, "until": now + seconds})
        return True

    def _check_signature(self, request: Request, signed: _Signed) -> None:
        given, keys = signed.parameters, self.keys
        known = (
            given.get("oauth_consumer_key") == keys.netsuite_consumer_key
            and given.get("oauth_token") == keys.netsuite_token_id
            and signed.realm.upper() == ACCOUNT
        )
        if not known or given.get("oauth_version", "1.0") != "1.0":
            raise invalid_login("token", "OAuth")
        if given.get("oauth_signature_method") != SIGNATURE_METHOD:
            raise invalid_login("signature", "OAuth")
        expected = signature(
            request.method,
            str(request.url.replace(query="")),
            [*parse_qsl(request.url.query, keep_blank_values=True), *given.items()],
            f"{keys.netsuite_consumer_secret}&{keys.netsuite_token_secret}",
        )
        if not hmac.compare_digest(
            expected.encode(), given.get("oauth_signature", "").encode()
        ):
            raise invalid_login("signature", "OAuth")
        moment, nonce = given.get("oauth_timestamp", ""), given.get("oauth_nonce", "")
        seconds = whole(moment, 15)
        if seconds is None or abs(seconds - wall_seconds()) > TIMESTAMP_SECONDS:
            raise invalid_login("timestamp", "OAuth")
        if not nonce or not self._first(
            "_nonce", f"{moment}:{nonce}", 2 * TIMESTAMP_SECONDS
        ):
            raise invalid_login("nonce", "OAuth")


def signature(
    method: str, url: str, parameters: Iterable[tuple[str, str]], secret: str
) -> str:
    """Return the signature of a request, RFC 5849 section 3.4 with SHA-256."""
    pairs = sorted(
        (_coded(name), _coded(value))
        for name, value in parameters
        if name != "oauth_signature"
    )
    normal = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(_coded(part) for part in (method.upper(), url, normal))
    digest = hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _coded(text: str) -> str:
    return quote(text, safe="~")
