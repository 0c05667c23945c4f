"""OAuth: who may open a session, and what Salesforce says about them."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import wall_seconds
from sandbox.credentials import Credentials
from sandbox.salesforce.errors import ENDED, Refused, refuse
from sandbox.salesforce.org import ORG_ID, SYSTEM, Org
from sandbox.salesforce.users import USER_ID
from sandbox.tokens import Tokens
from sandbox.wire import answer, basic, bearer, body_of, form, made, root_url

# The session setting of a new organisation.
SESSION_SECONDS = 2 * 60 * 60
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Whoever signs in there is sent on to the organisation's own domain.
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
INSTANCE = "https://concord.my.salesforce.com"
# An assertion lives for minutes; a longer one is refused. [believed, unverified]
MAX_ASSERTION_SECONDS = 5 * 60
_CLOCK_SKEW = 60


class Login(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """No token is given: the code and the sentence that say why."""

    def __init__(self, code: str, sentence: str) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.code = code


class OAuth:
    """Token, userinfo, identity and revoke."""

    def __init__(self, org: Org, keys: Credentials) -> None:
        """Let in whoever has the keys."""
        self.org = org
        self.keys = keys
        self.tokens = Tokens(org.store, SYSTEM)

    def check(self, token: str | None) -> None:
        """Refuse a request without a session that still runs."""
        if self.tokens.valid(token) is None:
            raise Refused("INVALID_SESSION_ID", ENDED, (), 401)

    async def token(self, request: Request) -> Response:
        """Open a session for a client's credentials or a signed assertion."""
        fields = await _form(request)
        try:
            self._check(request, fields)
        except Login as login:
            body = {"error": login.code, "error_description": str(login)}
            return answer(body, 400)
        return answer(self._session(_instance(request)))

    async def revoke(self, request: Request) -> Response:
        """End a session."""
        given = request.query_params.get("token")
        token = given or (await _form(request)).get("token", "")
        if not self.tokens.end(token):
            sentence = "this type of token is not supported"
            body = {"error": "unsupported_token_type", "error_description": sentence}
            return answer(body, 400)
        return Response(status_code=200)

    async def userinfo(self, request: Request) -> Response:
        """Say who the session belongs to, as OpenID Connect does."""
        if not self._is_open(request):
            return Response("Bad_OAuth_Token", 403, media_type="text/html")
        root = _instance(request)
        return answer(
            {
                "sub": f"{root}/id/{ORG_ID}/{USER_ID}",
                "user_id": USER_ID,
                "organization_id": ORG_ID,
                "preferred_username": self.keys.salesforce_username,
                "name": "Concord Integration",
                "email": self.keys.salesforce_username,
                "email_verified": True,
                "zoneinfo": "UTC",
                "active": True,
                "user_type": "STANDARD",
                "language": "en_US",
                "locale": "en_US",
                "urls": _urls(root),
            }
        )

    async def identity(self, request: Request) -> Response:
        """Say who the session belongs to, at the address that the token named."""
        if not self._is_open(request):
            return Response("Bad_OAuth_Token", 403, media_type="text/html")
        path = request.path_params
        if (path["org"][:15], path["user"][:15]) != (ORG_ID[:15], USER_ID[:15]):
            return Response("Bad_Id", 404, media_type="text/html")
        root = _instance(request)
        return answer(
            {
                "id": f"{root}/id/{ORG_ID}/{USER_ID}",
                "asserted_user": True,
                "user_id": USER_ID,
                "organization_id": ORG_ID,
                "username": self.keys.salesforce_username,
                "display_name": "Concord Integration",
                "email": self.keys.salesforce_username,
                "active": True,
                "user_type": "STANDARD",
                "language": "en_US",
                "locale": "en_US",
                "utcOffset": 0,
                "urls": _urls(root),
            }
        )

    def _check(self, request: Request, fields: Mapping[str, str]) -> None:
        grant = fields.get("grant_type")
        if grant == "client_credentials":
            self._check_client(request, fields)
        elif grant == JWT_GRANT:
            self._check_assertion(request, fields.get("assertion", ""))
        else:
            raise Login("unsupported_grant_type", "grant type not supported")

    def _is_open(self, request: Request) -> bool:
        try:
            self.check(bearer(request))
        except Refused:
            return False
        return True

    def _check_client(self, request: Request, fields: Mapping[str, str]) -> None:
        host = request.headers.get("host", "").partition(":")[0]
        if host in LOGIN_HOSTS:
            # This grant needs the organisation's own domain.
            sentence = "request not supported on this domain"
            raise Login("invalid_grant", sentence)
        given = (fields.get("client_id", ""), fields.get("client_secret", ""))
        client, secret = basic(request) or given
        if client != self.keys.salesforce_client_id:
            raise Login("invalid_client_id", "client identifier invalid")
        if secret != self.keys.salesforce_client_secret:
            raise Login("invalid_client", "invalid client credentials")

    def _check_assertion(self, request: Request, assertion: str) -> None:
        key = self.keys.salesforce_key
        try:
            claims = jwt.decode(assertion, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError, TypeError) as error:
            raise Login("invalid_grant", "invalid assertion") from error
        if claims.get("iss") != self.keys.salesforce_client_id:
            raise Login("invalid_client_id", "client identifier invalid")
        audiences = [f"https://{host}" for host in LOGIN_HOSTS]
        if claims.get("aud") not in (*audiences, INSTANCE, _instance(request)):
            raise Login("invalid_grant", "audience is invalid")
        if claims.get("sub") != self.keys.salesforce_username:
            raise Login("invalid_grant", "user hasn't approved this consumer")
        expires = _seconds(claims.get("exp"))
        now = wall_seconds()
        if expires is None or expires > now + MAX_ASSERTION_SECONDS + _CLOCK_SKEW:
            raise Login("invalid_grant", "invalid assertion")
        if expires < now - _CLOCK_SKEW:
            raise Login("invalid_grant", "expired authorization code")

    def _session(self, instance: str) -> dict[str, Any]:
        token = made(f"{ORG_ID[:15]}!", self.org.store.number(), length=96)
        seconds = self.org.number_of("session_seconds", SESSION_SECONDS)
        self.tokens.give(token, seconds)
        # There is no expires_in: that a session is over is seen when it is used.
        return {
            "access_token": token,
            "signature": made("", "signature", token, length=43) + "=",
            "scope": "api",
            "instance_url": instance,
            "id": f"{instance}/id/{ORG_ID}/{USER_ID}",
            "token_type": "Bearer",
            "issued_at": str(int(self.org.clock.now().timestamp() * 1000)),
        }


async def _form(request: Request) -> dict[str, str]:
    try:
        return dict(form(await body_of(request, refuse)))
    except ValueError:
        return {}


def _instance(request: Request) -> str:
    root = root_url(request).rstrip("/")
    host = request.headers.get("host", "").partition(":")[0]
    return INSTANCE if host in LOGIN_HOSTS else root


def _seconds(value: Any) -> int | None:
    """Return an instant of an assertion, which may be text, as simple-salesforce's."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _urls(root: str) -> dict[str, str]:
    data = f"{root}/services/data/v{{version}}/"
    return {
        "rest": data,
        "sobjects": f"{data}sobjects/",
        "query": f"{data}query/",
        "profile": f"{root}/{USER_ID}",
    }
