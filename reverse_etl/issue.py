"""Issue: a difference that is not sent; a person decides in the inbox."""

from dataclasses import dataclass

from operations.exceptions import Break
from reverse_etl.described import Unfit


@dataclass(frozen=True, slots=True)
class Issue:
    """One field of one record that a plan leaves as it is, and why."""

    kind: str  # user_edit, conflict, contradiction, vanished, left or one of `Unfit`
    system: str
    object: str
    record_id: str
    field: str
    customer_id: str | None
    theirs: str | None
    ours: str | None
    base: str | None
    unfit: Unfit | None = None  # why the field there cannot take the value

    @property
    def broken(self) -> Break:
        """Tell it as an exception."""
        return Break(
            fingerprint=f"{self.kind}:{self.system}:{self.object.lower()}"
            f":{self.record_id}:{self.field}",
            kind=self.kind,
            subject=self.sentence,
            severity="S3",
            record_key=f"{self.system}:{self.object.lower()}:{self.record_id}",
            customer_id=self.customer_id,
            detail={
                "system": self.system,
                "object": self.object,
                "record_id": self.record_id,
                "field": self.field,
                "theirs": self.theirs,
                "ours": self.ours,
                "base": self.base,
                **({"next_step": self.unfit.next_step} if self.unfit else {}),
            },
        )

    @property
    def sentence(self) -> str:
        """Say what is so and why nothing is sent."""
        if self.unfit:
            return f"{self.unfit.why}."
        place = f"{self.field} of {self.system} {self.object} {self.record_id}"
        return {
            "user_edit": f"{place} was changed there to {self.theirs!r};"
            f" the golden value is {self.ours!r}.",
            "conflict": f"{place} was changed there to {self.theirs!r} while the golden"
            f" value moved from {self.base!r} to {self.ours!r}.",
            "contradiction": f"Two golden rows give {place} different values.",
            "vanished": f"{self.system} {self.object} {self.record_id} was made by us"
            " and is not there any more.",
            "left": f"{place} holds {self.theirs!r} and not the {self.base!r} that we"
            f" wrote: it is left, and not put back to {self.ours!r}.",
            "made": f"{self.system} {self.object} {self.record_id} was made by us;"
            " nothing is deleted, so this is left to a person.",
        }[self.kind]
