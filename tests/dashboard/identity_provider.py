"""Identity provider: OpenID Connect on loopback, for whoever a test names.

It asks nobody for a password: whoever comes is the person whose claims the test set.
All else is as the standard has it: discovery, codes that work once, PKCE, signatures.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from orchestration.servers import free_port

CLIENT_ID, CLIENT_SECRET = "concord", "a-secret-of-the-test"


@dataclass
class Provider:
    """A running provider, and whom it signs in next."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    issued_at: float | None = None  # now, unless said otherwise
    signed_in: int = 0

    def access(self, redirect: str) -> str:
        """Return the section of `access.toml` that names this provider."""
        return (
            "[auth]\n"
            f'redirect_uri = "{redirect}/oauth2callback"\n'
            'cookie_secret = "thirty-two-bytes-of-a-test-secret"\n'
            f'client_id = "{CLIENT_ID}"\n'
            f'client_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )


@contextmanager
def provided() -> Iterator[Provider]:
    """Serve a provider in a thread; it ends with the block."""
    port = free_port(0)
    provider = Provider(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(_app(provider), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def _app(provider: Provider) -> Starlette:
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    asked: dict[str, dict[str, str]] = {}  # by code: what its request said

    async def discovery(_: Request) -> Response:
        return JSONResponse(
            {
                "issuer": provider.url,
                "authorization_endpoint": f"{provider.url}/authorize",
                "token_endpoint": f"{provider.url}/token",
                "jwks_uri": f"{provider.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(request: Request) -> Response:
        said = dict(request.query_params)
        assert said["client_id"] == CLIENT_ID
        assert said["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        asked[code] = said
        back = f"{said['redirect_uri']}?code={code}&state={said['state']}"
        return RedirectResponse(back, status_code=302)

    async def token(request: Request) -> Response:
        form = await request.form()
        said = asked.pop(str(form["code"]), None)  # a code works once
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if said is None or request.headers["authorization"] != f"Basic {expected}":
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert (
            base64.urlsafe_b64encode(proof).decode().rstrip("=")
            == (said["code_challenge"])
        )
        provider.signed_in += 1
        at = int(provider.issued_at or time.time())
        claims = {
            "iss": provider.url,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": at,
            "exp": int(time.time()) + 3600,
            "nonce": said["nonce"],
            **provider.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return JSONResponse(
            {"access_token": "a", "token_type": "Bearer", "id_token": signed}
        )

    async def keys(_: Request) -> Response:
        return JSONResponse(KeySet([key]).as_dict(private=False))

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/authorize", authorize),
            Route("/token", token, methods=["POST"]),
            Route("/keys", keys),
        ]
    )
