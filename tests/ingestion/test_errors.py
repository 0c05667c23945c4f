"""An error says where, what and the next step, in one sentence."""

import pickle

import pytest

from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    naming,
    reaction,
)


def test_a_fault_is_one_sentence_with_place_cause_and_next_step() -> None:
    """A person reads which record of which system, why, and what to do."""
    fault = Rejected(
        "netsuite",
        "'abc' is not a number",
        "correct it, then run again",
        object="transaction",
        record_id="4711",
        field="foreigntotal",
    )

    assert str(fault) == (
        "netsuite transaction 4711, field foreigntotal: 'abc' is not a number;"
        " correct it, then run again."
    )


def test_a_fault_without_a_step_of_its_own_names_the_usual_one() -> None:
    """No fault leaves the reader without a next step."""
    assert str(Transient("stripe", "too many requests")) == (
        "stripe: too many requests; the next run tries again."
    )


def test_a_fault_survives_the_way_between_processes() -> None:
    """Pickling keeps every field and the kind."""
    fault = Unknown("stripe", "lost", object="invoice", code="x", retry_after=2.0)

    copy = pickle.loads(pickle.dumps(fault))  # noqa: S301 -- our own bytes

    assert type(copy) is Unknown
    assert vars(copy) == vars(fault)


def test_naming_adds_the_object_only_where_none_is_named() -> None:
    """The place nearest to the cause is the one that is told."""
    with pytest.raises(SystemFault) as bare, naming("Account", "001"):
        raise Transient("salesforce", "busy")
    with pytest.raises(SystemFault) as named, naming("Account"):
        raise Refused("salesforce", "unknown", object="Contract")

    assert (bare.value.object, bare.value.record_id) == ("Account", "001")
    assert named.value.object == "Contract"


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (400, Rejected, Rejected),
        (401, Refused, Refused),
        (403, Refused, Refused),
        (404, Rejected, Rejected),
        (408, Transient, Unknown),
        (409, Conflict, Conflict),
        (412, Conflict, Conflict),
        (422, Rejected, Rejected),
        (423, Transient, Transient),
        (429, Transient, Transient),
        (500, Transient, Unknown),
        (502, Transient, Unknown),
        (503, Transient, Transient),
        (504, Transient, Unknown),
    ],
)
def test_a_status_alone_asks_for_a_reaction(
    status: int, read: type[SystemFault], write: type[SystemFault]
) -> None:
    """A server that broke may have done what a write asked for, never a read."""
    assert reaction(status, wrote=False) is read
    assert reaction(status, wrote=True) is write
