"""Access: who may look at what, as `access.toml` of the home says.

Without that file everything is shown to whoever reaches the dashboard, which listens on
loopback. With it nobody sees anything whom no role names: whatever is unclear, closes.
"""

import os
import stat
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FILE = "access.toml"
DEFAULT_HOURS = 12
_SECTIONS = {"auth", "sign_in", "roles"}
_SIGN_IN = {"hours", "groups_claim"}
_ROLE = {"people", "groups", "pages", "entities", "decides"}


class AccessFileError(Exception):
    """`access.toml` does not say clearly who may see what; the text says where."""


class NoEntryError(Exception):
    """This person sees nothing for now; the text says why and what to do.

    Attributes:
        may_sign_in: Whether signing in (again) is what there is to do.
    """

    def __init__(self, sentence: str, *, may_sign_in: bool) -> None:
        """Keep the sentence and what can be done."""
        super().__init__(sentence)
        self.may_sign_in = may_sign_in


@dataclass(frozen=True, slots=True)
class Role:
    """What those who have a role may do; None where nothing is left out."""

    name: str
    people: frozenset[str] = frozenset()  # e-mail addresses, in lower case
    groups: frozenset[str] = frozenset()
    pages: frozenset[str] | None = None
    entities: frozenset[str] | None = None
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole file."""

    roles: tuple[Role, ...]
    signs_in: bool = False  # an identity provider is named, so Streamlit signs in
    lasts: timedelta = timedelta(hours=DEFAULT_HOURS)
    groups_claim: str = "groups"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever looks, and the roles that this person has."""

    name: str  # with which decisions are signed; empty: nobody's
    roles: tuple[Role, ...]
    is_signed_in: bool = False

    def may_see(self, page: str) -> bool:
        """Tell whether a role has the page."""
        return bool(self._of(page))

    def entities(self, page: str) -> frozenset[str] | None:
        """Return the legal entities whose rows the page may show; None for all.

        Only roles that have the page count: a page of one role never shows the rows
        of another.
        """
        found: set[str] = set()
        for role in self._of(page):
            if role.entities is None:
                return None
            found |= role.entities
        return frozenset(found)

    def decides(self, page: str) -> bool:
        """Tell whether this person may decide what the page offers to."""
        return bool(self.name) and any(role.decides for role in self._of(page))

    def _of(self, page: str) -> list[Role]:
        return [each for each in self.roles if each.pages is None or page in each.pages]


# Without rules: whoever reaches the dashboard.
EVERYTHING = Role("everything", decides=True)


def read(file: Path) -> Rules | None:
    """Read the rules; None where there is no file.

    Raises:
        AccessFileError: it is open to others, or does not say what it means.
    """
    try:
        written = file.read_text(encoding="utf-8")
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessFileError(f"{file} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise AccessFileError(
            f"{file} holds secrets and others may open it: chmod 600 {file}"
        )
    try:
        said = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise AccessFileError(f"{file} is no TOML: {error}.") from error
    try:
        return _rules(said)
    except AccessFileError as error:
        raise AccessFileError(f"{file}: {error}") from error


def known_pages(rules: Rules, pages: Collection[str]) -> None:
    """Refuse rules that name a page which is none.

    Raises:
        AccessFileError: naming it, and those there are.
    """
    for role in rules.roles:
        for page in sorted(role.pages or ()):
            if page not in pages:
                raise AccessFileError(
                    f"{FILE}: [roles.{role.name}] names the page {page}, and there is "
                    f"none: there are {', '.join(sorted(pages))}."
                )


def reader(
    rules: Rules | None,
    user: Mapping[str, Any],
    now: datetime,
    environ: Mapping[str, str] = os.environ,
) -> Reader:
    """Say who looks, from what is known of the session.

    Args:
        rules: What `access.toml` says; None where there is none.
        user: What Streamlit knows: claims of an ID token, or headers of a proxy.
        now: What time it is.
        environ: Where USER stands in for a name while there are no rules.

    Raises:
        NoEntryError: Nobody, not any more, or somebody whom no role names.
    """
    if user.get("is_logged_in") is False:
        raise NoEntryError("Sign in to see the numbers.", may_sign_in=True)
    if rules is None:
        name = user.get("email") or user.get("name") or environ.get("USER", "")
        is_signed_in = bool(user.get("is_logged_in"))
        return Reader(str(name).strip(), (EVERYTHING,), is_signed_in)
    if rules.signs_in and not user.get("is_logged_in"):
        raise NoEntryError(
            "The dashboard was started without its sign-in, so it shows nothing: start "
            "it with `python -m dashboard`.",
            may_sign_in=False,
        )
    if rules.signs_in:
        _still_good(rules, user, now)
    name = _identity(user)
    if not name:
        raise NoEntryError(
            "The sign-in told no verified e-mail address, so nobody knows whose roles "
            "these are: ask whoever keeps the identity provider to send `email`.",
            may_sign_in=rules.signs_in,
        )
    groups = _groups(user.get(rules.groups_claim))
    roles = tuple(
        role
        for role in rules.roles
        if name.casefold() in role.people or groups & role.groups
    )
    if not roles:
        raise NoEntryError(
            f"You are signed in as {name}, and no role names you: ask whoever keeps "
            f"`{FILE}` of this installation to add you, then load this page again.",
            may_sign_in=rules.signs_in,
        )
    return Reader(name, roles, rules.signs_in)


def _still_good(rules: Rules, user: Mapping[str, Any], now: datetime) -> None:
    """Refuse a sign-in that is older than the rules allow.

    Streamlit keeps it for thirty days and never looks at when it was made.
    """
    issued = user.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise NoEntryError(
            "The sign-in does not say when it was made, so nobody knows whether it is "
            "still good: sign in again.",
            may_sign_in=True,
        )
    since = datetime.fromtimestamp(issued, UTC)
    if now >= since + rules.lasts:
        hours = f"{rules.lasts.total_seconds() / 3600:g}"
        raise NoEntryError(
            f"Your sign-in of {since:%d %b %Y, %H:%M} UTC was good for {hours} hours "
            "and has expired. What you decided before then is kept; what you were "
            "typing is not. Sign in again to go on.",
            may_sign_in=True,
        )


def _identity(user: Mapping[str, Any]) -> str:
    """Return what nobody but this person can be called: never a display name."""
    if user.get("email_verified") in {False, "false"}:
        return ""
    return str(user.get("email") or "").strip()


def _groups(claim: Any) -> frozenset[str]:
    """Return the groups that a claim names: a list, or a text with commas."""
    if isinstance(claim, str):
        claim = claim.split(",")
    if not isinstance(claim, Collection):
        return frozenset()
    return frozenset(each.strip() for each in claim if isinstance(each, str))


def _rules(said: Mapping[str, Any]) -> Rules:
    """Check every word: a misspelt one would open what it was to close."""
    _known("the file", said, _SECTIONS)
    sign_in = _table("sign_in", said.get("sign_in", {}))
    _known("[sign_in]", sign_in, _SIGN_IN)
    hours = sign_in.get("hours", DEFAULT_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or hours <= 0:
        raise AccessFileError("[sign_in] hours has to be a number above zero.")
    claim = sign_in.get("groups_claim", "groups")
    if not isinstance(claim, str):
        raise AccessFileError("[sign_in] groups_claim has to be the name of a claim.")
    roles = _table("roles", said.get("roles", {}))
    if not roles:
        raise AccessFileError("it has no role, so nobody could see anything: add one.")
    return Rules(
        roles=tuple(_role(name, each) for name, each in roles.items()),
        signs_in="auth" in said,
        lasts=timedelta(hours=hours),
        groups_claim=claim,
    )


def _role(name: str, said: Any) -> Role:
    where = f"[roles.{name}]"
    _known(where, _table(where, said), _ROLE)
    decides = said.get("decides", False)
    if not isinstance(decides, bool):
        raise AccessFileError(f"{where} decides has to be true or false.")
    people, groups = _names(where, said, "people"), _names(where, said, "groups")
    if not people and not groups:
        raise AccessFileError(f"{where} is nobody's: name people or groups.")
    return Role(
        name=name,
        people=frozenset(each.casefold() for each in people or ()),
        groups=groups or frozenset(),
        pages=_names(where, said, "pages"),
        entities=_names(where, said, "entities"),
        decides=decides,
    )


def _names(where: str, said: Mapping[str, Any], key: str) -> frozenset[str] | None:
    """Return a list of names; None where it is not given."""
    if key not in said:
        return None
    names = said[key]
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise AccessFileError(f'{where} {key} has to be a list, as ["one", "two"].')
    return frozenset(names)


def _table(where: str, said: Any) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise AccessFileError(f"{where} has to be a section.")
    return said


def _known(where: str, said: Mapping[str, Any], words: Collection[str]) -> None:
    for word in said:
        if word not in words:
            raise AccessFileError(
                f"{where} has the word {word}, which means nothing: it knows "
                f"{', '.join(sorted(words))}."
            )
