"""Breaker: when so much of an object fails that the rest of it stays here."""

from collections import Counter
from collections.abc import Iterable, Mapping

from reverse_etl.change import Change
from reverse_etl.policy import Policy

_FAILED = ("rejected", "diverged")
# A conflict is a colleague's edit, and an unknown outcome is read: neither is a sign
# that what we send is wrong.
_ANSWERED = (*_FAILED, "acknowledged", "confirmed")


class Breaker:
    """What became of the changes of each object of a system in one run."""

    def __init__(self, policy: Policy) -> None:
        """Begin with nothing sent."""
        self.canary = policy.canary
        self._share = policy.breaker_share
        self._sent: dict[str, set[str]] = {}

    def note(self, changes: Iterable[Change]) -> None:
        """Count changes that were sent."""
        for change in changes:
            self._sent.setdefault(change.object, set()).add(change.change_id)

    def tripped(self, object_name: str, outcomes: Mapping[str, str]) -> str | None:
        """Say why no more of an object may go in this run; None: it may."""
        sent = self._sent.get(object_name, set())
        states = Counter(outcomes[each] for each in sent if each in outcomes)
        answered = sum(states[state] for state in _ANSWERED)
        failed = sum(states[state] for state in _FAILED)
        # So few prove nothing: one bad record must not hold the others.
        if answered < min(self.canary, len(sent)) or failed == 1:
            return None
        if failed <= self._share * answered:
            return None
        return f"{failed} of {answered} changes of {object_name} failed in this run"
