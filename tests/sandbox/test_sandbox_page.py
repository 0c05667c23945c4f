"""The control door shows what the sandbox holds, to people and page by page."""

import re

from tests.sandbox.conftest import Served


def test_a_page_of_records_begins_after_the_one_before(reading: Served) -> None:
    """All records come once, in the order in which they were added."""
    path = "/records/stripe/invoice"
    whole = reading.control.get(path).json()["records"]

    paged, after = [], 0
    while after is not None:
        page = reading.control.get(path, params={"limit": 4, "after": after}).json()
        paged += page["records"]
        after = page["after"]

    assert len(whole) > 4
    assert paged == whole


def test_a_page_of_records_that_cannot_be_is_refused(reading: Served) -> None:
    """A size or a place that is no number gets a sentence."""
    path = "/records/stripe/invoice"
    asked = [
        {"limit": "0"},
        {"limit": "100001"},
        {"limit": "ten"},
        {"after": "-1"},
        {"after": "9" * 30},
        {"after": "²"},
    ]

    answers = [reading.control.get(path, params=each) for each in asked]

    assert {each.status_code for each in answers} == {400}
    assert all("error" in each.json() for each in answers)


def test_health_counts_every_record(reading: Served) -> None:
    """The counts are those of the collections."""
    told = reading.control.get("/health").json()["records"]

    assert told["stripe"]["invoice"] == len(
        reading.control.get("/records/stripe/invoice").json()["records"]
    )


def test_the_page_shows_vendors_counts_and_links(reading: Served) -> None:
    """A person sees what is held, under its vendor's own names, and where it is."""
    html = reading.control.get("/").text
    counts = reading.control.get("/health").json()["records"]

    total = sum(sum(objects.values()) for objects in counts.values())
    assert f"<h2>{total:,} records</h2>" in html
    assert "<h3>NetSuite<span>" in html
    for link in ("truth", "journal", "health", "conditions", "clock", "trace"):
        assert f'href="{link}"' in html
        assert reading.control.get(f"/{link}").status_code == 200
    records = re.findall(r'href="(records/[^"]+)"', html)
    assert records
    assert all(
        reading.control.get(f"/{each.replace('&amp;', '&')}").is_success
        for each in records
    )


def test_the_page_shows_nothing_as_markup(served: Served) -> None:
    """What somebody wrote into a record is text, not HTML."""
    served.store.create(
        "stripe",
        "customer",
        {"id": "<script>alert(1)</script>"},
        actor="<b>api</b>",
        request_id="req_1",
    )

    html = served.control.get("/").text

    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "<b>" not in html
