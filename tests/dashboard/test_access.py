"""Access: whoever may not see something does not see it, and is told what to do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard import access
from dashboard.access import AccessFileError, NoEntryError, Role, Rules
from dashboard.entry import COMPANY_PAGES
from dashboard.pages import SECTIONS
from dashboard.published import current, reading
from tests.dashboard.drawn import app, drawn, words

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
ANNA = {
    "is_logged_in": True,
    "email": "Anna@example.com",
    "iat": (NOW - timedelta(hours=1)).timestamp(),
}
DE = 'people = ["anna@example.com"]\nentities = ["DE"]\n'

Grant = Callable[[str], Path]


@pytest.fixture
def grant(publish: Callable[..., Path]) -> Grant:
    """Publish the company, and say who may see what of it."""
    home = publish().parent.parent

    def write(said: str) -> Path:
        file = home / access.FILE
        file.write_text(said, "utf-8")
        file.chmod(0o600)
        return file

    return write


def rules(*roles: Role, signs_in: bool = True) -> Rules:
    """Say who may see what, twelve hours long."""
    return Rules(roles=roles, signs_in=signs_in)


FINANCE = Role("finance", people=frozenset({"anna@example.com"}), decides=True)


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"is_logged_in": False}, "Sign in"),
        ({}, "started without its sign-in"),
        ({**ANNA, "iat": (NOW - timedelta(hours=12)).timestamp()}, "expired"),
        ({**ANNA, "iat": None}, "does not say when"),
        ({**ANNA, "email_verified": False}, "no verified e-mail"),
        ({**ANNA, "email": None, "name": "anna@example.com"}, "no verified e-mail"),
        ({**ANNA, "email": "bert@example.com"}, "no role names you"),
    ],
)
def test_whatever_is_unclear_closes(user: dict[str, Any], why: str) -> None:
    """Nobody comes in by a claim that somebody could have chosen, or by an old one."""
    with pytest.raises(NoEntryError, match=why):
        access.reader(rules(FINANCE), user, NOW)


def test_a_sign_in_is_good_until_its_last_second() -> None:
    """The boundary is that of the rules, not of Streamlit's thirty days."""
    last = {**ANNA, "iat": (NOW - timedelta(hours=12, seconds=-1)).timestamp()}

    assert access.reader(rules(FINANCE), last, NOW).name == "Anna@example.com"


def test_a_page_of_one_role_never_shows_the_rows_of_another() -> None:
    """Two roles together grant what each grants, and no product of both."""
    people = frozenset({"anna@example.com"})
    one = Role("one", people, pages=frozenset({"arr"}), entities=frozenset({"DE"}))
    two = Role("two", people, pages=frozenset({"inbox", "trust"}), decides=True)
    three = Role("three", people, pages=frozenset({"arr"}), entities=frozenset({"US"}))

    anna = access.reader(rules(one, two, three), ANNA, NOW)

    assert anna.entities("arr") == {"DE", "US"}
    assert anna.entities("inbox") is None
    assert [anna.decides(page) for page in ("arr", "inbox")] == [False, True]
    assert [anna.may_see(page) for page in ("trust", "close")] == [True, False]


@pytest.mark.parametrize("claim", [["de", "all"], "all, de", ("de",)])
def test_a_group_gives_its_role(claim: Any) -> None:
    """Providers send groups as a list or as a text."""
    role = Role("germany", groups=frozenset({"de"}))

    kai = access.reader(rules(role), {**ANNA, "groups": claim}, NOW)

    assert kai.roles == (role,)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "no role"),
        ("[roles.one]\n", "nobody's"),
        ('[roles.one]\npeople = ["a"]\nentity = ["DE"]\n', "entity"),
        ('[roles.one]\npeople = ["a"]\nentities = "DE"\n', "has to be a list"),
        ('[roles.one]\npeople = ["a"]\ndecides = "no"\n', "true or false"),
        ('[role.one]\npeople = ["a"]\n', "the word role"),
        ('[sign_in]\nhours = 0\n[roles.one]\npeople = ["a"]\n', "above zero"),
        ("[roles.one\n", "no TOML"),
    ],
)
def test_a_file_that_does_not_say_what_it_means_opens_nothing(
    grant: Grant, said: str, why: str
) -> None:
    """A misspelt word would open what it was to close; the sentence names it."""
    file = grant(said)

    with pytest.raises(AccessFileError, match=why):
        access.read(file)
    page = drawn("overview", user=ANNA)

    assert "Nothing is shown until it is clear" in page.info[0].value
    assert not page.metric


def test_a_file_that_others_may_open_opens_nothing(grant: Grant) -> None:
    """It holds the secret of the sign-in."""
    file = grant("[roles.one]\n" + DE)
    file.chmod(0o644)

    with pytest.raises(AccessFileError, match="chmod 600"):
        access.read(file)


def test_a_page_that_does_not_exist_is_named(grant: Grant) -> None:
    """Before anybody misses it."""
    known = access.read(grant("[roles.one]\n" + DE + 'pages = ["ar"]\n'))
    assert known is not None

    with pytest.raises(AccessFileError, match="the page ar"):
        access.known_pages(known, {"arr"})


def test_rows_of_other_entities_are_not_there(grant: Grant) -> None:
    """What a row is of it says itself; what says nothing is not shown."""
    file = next(grant("").parent.joinpath("published").glob("*.duckdb"))
    with duckdb.connect(str(file)) as connection:
        for customer, entity in (("C-1", "US"), ("C-2", "DE"), ("C-3", "DE")):
            connection.execute(
                "insert into canonical.contracts by name select"
                " ? as contract_id, ? as customer_id, ? as legal_entity_code",
                [f"K-{customer}", customer, entity],
            )
        connection.execute(
            "insert into canonical.invoices by name select 'stripe' as billing_system,"
            " 'I-1' as invoice_id, 'C-3' as customer_id, 'US' as legal_entity_code"
        )
        connection.execute(
            "insert into canonical.tickets by name select 'T-3' as ticket_id,"
            " 'C-3' as customer_id"
        )
        connection.execute("create table marts.new_totals as select 5 as total_minor")
    seen = {
        "canonical.contracts": "contract_id",
        "canonical.invoices": "invoice_id",
        "canonical.customers": "customer_id",
        "canonical.tickets": "ticket_id",
        "marts.arr_rollups_monthly": "level || ' ' || member",
        "marts.metric_values": "level || ' ' || level_value",
        "marts.new_totals": "total_minor",
        "reconciliation.breaks": "customer_id",
        "canonical.fiscal_periods": "legal_entity_code",
        "reconciliation.check_results": "difference_usd_minor",
    }

    with reading(current(file.parent), {"DE"}) as connection:
        found = {
            table: {
                row[0]
                for row in connection.execute(f"select {of} from {table}").fetchall()
            }
            for table, of in seen.items()
        }
        counted = connection.execute(
            "select sum(breaks), (select count(*) from reconciliation.breaks)"
            " from reconciliation.check_results"
        ).fetchone()

    assert found == {
        "canonical.contracts": {"K-C-2", "K-C-3"},
        "canonical.invoices": set(),
        "canonical.customers": {"C-2", "C-3"},  # C-3 is a customer of both
        "canonical.tickets": {"T-3"},
        "marts.arr_rollups_monthly": {"customer C-2"},  # C-3's is of both
        "marts.metric_values": {"legal_entity DE"},
        "marts.new_totals": set(),
        "reconciliation.breaks": {"C-2"},
        "canonical.fiscal_periods": {"DE"},
        "reconciliation.check_results": {0},
    }
    assert counted is not None
    assert counted[0] == counted[1] > 0


def test_every_page_can_be_drawn_for_a_reader_of_one_entity(grant: Grant) -> None:
    """None fails for want of rows or shows the company; those about it say so."""
    grant("[roles.germany]\n" + DE)
    user = {"email": "anna@example.com"}
    modules = [each for pages in SECTIONS.values() for each in pages]

    pages = {
        module.PATH: drawn(module.__name__.rpartition(".")[2], user)
        for module in modules
    }

    assert {path for path, page in pages.items() if page.exception} == set()
    refused = {path for path, page in pages.items() if page.info and not page.caption}
    assert refused == set(COMPANY_PAGES)
    for path in pages.keys() - COMPANY_PAGES:
        said = [caption.value for caption in pages[path].caption]
        assert "Rows of DE only, as your role." in said, path
        # Nobody tells from some rows that a check ties out in all.
        assert "tie out" not in words(pages[path])
        scopes = [box for box in pages[path].selectbox if "entity" in box.label]
        assert all(box.options == ["entity DE"] for box in scopes)


def test_the_app_opens_at_the_first_page_that_a_role_has(grant: Grant) -> None:
    """Whoever has no overview is not greeted by a refusal."""
    grant("[roles.germany]\n" + DE + 'pages = ["revenue"]\n')

    page = app({"email": "anna@example.com"})

    assert [title.value for title in page.title] == ["Revenue and receivables"]
