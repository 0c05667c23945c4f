"""An answer that says another thing than its content is a fault, never fewer rows."""

from ingestion.errors import Refused, SystemFault
from sandbox.wire import dump
from tests.conformance.account import Account
from tests.conformance.source import Lie
from tests.conformance.wire import Answer, always, told


def lied_to(account: Account, lie: Lie | None) -> SystemFault:
    """Read all of a stream from a vendor that lies; return what is said of it."""
    assert lie is not None
    account.alter(told(lie))
    return account.fault()


def test_a_list_without_an_end_is_noticed(account: Account) -> None:
    """The same page again and again, always with more to come, ends the walk."""
    assert account.source.endless is not None
    account.alter(always(told(account.source.endless)))

    fault = account.fault()

    assert isinstance(fault, Refused)
    assert "twice" in str(fault) or "order" in str(fault)
    assert len(account.reads()) < 100


def test_an_empty_page_that_goes_on_is_noticed(account: Account) -> None:
    """Nothing came and more is announced: somebody has lost the page."""
    fault = lied_to(account, account.source.emptied)

    assert len(account.reads()) < 100
    assert fault.object is not None


def test_a_wrong_total_is_noticed(account: Account) -> None:
    """Five records were announced that never came."""
    fault = lied_to(account, account.source.miscounted)

    assert fault.object is not None


def test_an_error_with_status_200_is_noticed(account: Account) -> None:
    """An error in the vendor's own shape is no empty list, whatever its status."""
    account.alter(lambda _answer: Answer(200, dump(account.source.erroneous)))

    fault = account.fault()

    assert fault.object is not None


def test_a_link_to_another_host_is_not_followed(account: Account) -> None:
    """The credential goes nowhere else."""
    fault = lied_to(account, account.source.foreign)

    assert isinstance(fault, Refused)
    assert "elsewhere.example" in str(fault)
    assert len(account.reads()) == 1
