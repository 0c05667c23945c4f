"""Links: where a request may go; what a vendor names as a place is not a place yet."""

import ipaddress

import httpx

from ingestion.errors import Refused


def base_of(system: str, url: str) -> str:
    """Return the address of an API without the last slash.

    Raises:
        Refused: it is none, or would send the credential over the network unprotected.
    """
    step = f"correct {system.upper()}_URL, then run again"
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused(system, "the address of the API is none", step) from error
    if base.scheme == "http" and not _is_here(base.host):
        raise Refused(system, f"{base.host} is not reached over TLS (https)", step)
    if base.scheme not in ("https", "http") or not base.host or base.userinfo:
        raise Refused(system, "the address of the API is no https://host", step)
    return url.rstrip("/")


def path_of(system: str, base_url: str, link: str) -> str:
    """Return the path below the base that a vendor's link leads to, with its query.

    Raises:
        Refused: it leads to another host, which would be given our credential.
    """
    base = httpx.URL(base_url)
    try:
        there = base.join(link)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise Refused(system, "the answer names a place that is no address") from error
    if _origin(there) != _origin(base) or there.userinfo:
        raise Refused(
            system,
            f"the answer leads to {there.host[:100] or 'no host'}, which is not"
            f" {base.host}; the credential is sent nowhere else",
            "report it to the vendor, or correct the address of the API",
        )
    path = there.raw_path.decode("ascii")
    prefix = base.raw_path.decode("ascii").rstrip("/")
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    usual = {"https": 443, "http": 80}
    return url.scheme, url.host, url.port or usual.get(url.scheme)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
