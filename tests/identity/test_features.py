"""However it is written, the same is the same."""

import duckdb
import pytest

from identity.features import customers as features

COLUMNS = (
    "name",
    "website",
    "email",
    "tax_id",
    "country",
    "street",
    "city",
    "postal_code",
    "phone",
)


def of(**told: str) -> dict[str, object]:
    """Return the features of one record."""
    values = [told.get(name) for name in COLUMNS]
    with duckdb.connect() as connection:
        connection.execute(
            "create table told (" + ", ".join(f"{n} varchar" for n in COLUMNS) + ")"
        )
        marks = ", ".join("?" * len(COLUMNS))
        connection.execute(f"insert into told values ({marks})", values)
        answer = connection.execute(
            features.select("told", shared=["freemail.example"])
        )
        names = [column[0] for column in answer.description]
        return dict(zip(names, answer.fetchall()[0], strict=True))


@pytest.mark.parametrize(
    ("written", "name", "form"),
    [
        ("Acme Robotics, Inc.", "acme robotics", "inc"),
        ("ACME ROBOTICS INCORPORATED", "acme robotics", "inc"),
        ("Müller Säfte G.m.b.H.", "mueller saefte", "gmbh"),
        (
            "Mueller Saefte Gesellschaft mit beschränkter Haftung",
            "mueller saefte",
            "gmbh",
        ),
        ("Crêmerie et Café S.à r.l.", "cremerie cafe", "sarl"),
        ("Hof & Söhne GmbH & Co. KG", "hof soehne", "gmbh co kg"),
        ("Ashgate 北光電機 株式会社", "ashgate 北光電機", "kk"),
        ("Ashgate 北光電機 (株)", "ashgate 北光電機", "kk"),
        ("Harbor Instr. Intl. L.L.C.", "harbor instruments international", "llc"),
        ("Łódź Øst B.V.", "lodz ost", "bv"),
        ("Acme", "acme", None),
        ("Limited", "limited", None),
    ],
)
def test_a_name_is_what_is_left_without_form_and_accents(
    written: str, name: str, form: str | None
) -> None:
    """Legal forms in any spelling, folded letters, words written out."""
    found = of(name=written)

    assert (found["name_full"], found["legal_form"]) == (name, form)


def test_words_that_many_have_do_not_tell_a_company() -> None:
    """What is left tells it; where nothing is left, all of it does."""
    assert of(name="Acme Systems Group")["name_key"] == "acme"
    assert of(name="Zeta Acme Foods")["name_key"] == "acme zeta"
    assert of(name="Global Solutions")["name_key"] == "global solutions"


@pytest.mark.parametrize(
    ("website", "email", "domain"),
    [
        ("https://www.acme.example/about?x=1", None, "acme.example"),
        ("WWW.Acme.Example", None, "acme.example"),
        ("shop.acme.co.uk:8080", None, "acme.co.uk"),
        (None, "Billing@mail.acme.example", "acme.example"),
        (None, "acme.billing@gmail.com", None),
        ("https://freemail.example", "billing@acme.example", "acme.example"),
        (None, "no address", None),
        ("", "", None),
    ],
)
def test_a_domain_is_the_part_that_somebody_registered(
    website: str | None, email: str | None, domain: str | None
) -> None:
    """Of the website, else of the address; never that of a mail provider."""
    told = {"website": website, "email": email}

    assert of(**{k: v for k, v in told.items() if v is not None})["domain"] == domain


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("DE 123 456 789", "France", ("DE", "123456789")),
        ("de123456789", "", ("DE", "123456789")),
        ("12-3456789", "USA", ("US", "123456789")),
        ("EL123456789", "", ("GR", "123456789")),
        ("T1234567890123", "", ("JP", "T1234567890123")),
        ("123456789", "", (None, "123456789")),
        ("000000000", "US", (None, None)),
        ("EXEMPT", "US", (None, None)),
        ("1234", "US", (None, None)),
    ],
)
def test_a_tax_id_has_a_country_and_a_number(
    written: str, country: str, number: tuple[str | None, str | None]
) -> None:
    """Its own country where it names one; placeholders are no numbers."""
    found = of(tax_id=written, country=country)

    assert (found["tax_country"], found["tax_number"]) == number


@pytest.mark.parametrize(
    "written", ["+49 89 99981234", "0049-89-99981234", "+498999981234", "089/99981234"]
)
def test_a_telephone_number_is_its_last_digits(written: str) -> None:
    """However it is dialled."""
    assert of(phone=written)["phone_key"] == "999981234"


def test_an_address_is_its_code_and_number() -> None:
    """Streets are spelt in too many ways."""
    found = of(
        street="Möhlstraße 12a", city="MÜNCHEN", postal_code="80 331", country="germany"
    )

    assert (
        found["postal_key"],
        found["street_number"],
        found["city_key"],
        found["country_code"],
    ) == ("80331", "12", "muenchen", "DE")
