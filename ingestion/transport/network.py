"""Network: through which proxy systems are reached, and whose certificates are trusted.

The settings are the usual ones (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY,
SSL_CERT_FILE, SSL_CERT_DIR), taken from the same mapping as a system's own: a value in
`.env` counts as much as one that this process inherited.
"""

import ssl
from collections.abc import Mapping

import httpx

from ingestion.transport.deadline import bounded
from ingestion.transport.redaction import secret

SCHEMES = ("http", "https")


class NetworkSettingError(Exception):
    """A setting of the network cannot be used; the text names it."""


def transport(environ: Mapping[str, str]) -> httpx.BaseTransport | None:
    """Return what carries requests as the settings say; None where they say nothing.

    Raises:
        NetworkSettingError: a proxy's address or a file of certificates is no such.
    """
    # As with curl, the name in small letters wins.
    said = {
        name: environ.get(name.lower()) or environ.get(name) or ""
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    }
    proxies = {
        scheme: said[f"{scheme}_proxy".upper()] or said["ALL_PROXY"]
        for scheme in SCHEMES
    }
    trusted = _trusted(environ)
    if trusted is None and not any(proxies.values()):
        return None
    verify = trusted or ssl.create_default_context()
    through = {
        scheme: _through(proxy, verify) for scheme, proxy in proxies.items() if proxy
    }
    direct = bounded(httpx.HTTPTransport(verify=verify))
    return _Routed(direct, through, said["NO_PROXY"], " ".join(proxies.values()))


def plain() -> httpx.BaseTransport:
    """Return what carries requests directly, trusting the usual authorities."""
    return bounded(httpx.HTTPTransport())


class _Routed(httpx.BaseTransport):
    """Sends each request through the proxy of its scheme, or directly.

    `way` tells this way from others: behind another proxy the same name may be another
    system, as a sandbox is.
    """

    def __init__(
        self,
        direct: httpx.BaseTransport,
        through: Mapping[str, httpx.BaseTransport],
        exempt: str,
        way: str,
    ) -> None:
        self.way = way
        self._direct = direct
        self._through = through
        self._exempt = exempt

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        way = self._through.get(request.url.scheme)
        if way is None or _is_exempt(request.url.host, self._exempt):
            way = self._direct
        return way.handle_request(request)

    def close(self) -> None:
        for way in (self._direct, *self._through.values()):
            way.close()


def _is_exempt(host: str, exempt: str) -> bool:
    """Say whether NO_PROXY names a host, or a domain that it is in; `*` is all."""
    for name in (each.strip().lower().lstrip(".") for each in exempt.split(",")):
        if name and (name in ("*", host) or host.endswith(f".{name}")):
            return True
    return False


def _trusted(environ: Mapping[str, str]) -> ssl.SSLContext | None:
    file, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if not file and not folder:
        return None
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:  # a broken file is an SSLError, which is one
        name = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
        raise NetworkSettingError(
            f"{name}: {file or folder} holds no certificates that can be read"
        ) from error


def _through(proxy: str, verify: ssl.SSLContext) -> httpx.BaseTransport:
    url = proxy if "://" in proxy else f"http://{proxy}"
    try:
        proxy_address = httpx.Proxy(url)
        if proxy_address.auth:
            secret(proxy_address.auth[1])
        return bounded(httpx.HTTPTransport(verify=verify, proxy=proxy_address))
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise NetworkSettingError(
            "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the address of a proxy that"
            " can be used"  # the address itself may carry a password
        ) from error
