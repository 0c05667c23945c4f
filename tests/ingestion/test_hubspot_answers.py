"""An answer of HubSpot that says another thing than its content ends the walk."""

from typing import Any

import pytest

from ingestion import hubspot
from ingestion.errors import Refused, SystemFault, Transient
from ingestion.hubspot.objects import OBJECTS
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Step
from tests.ingestion.hubspot_account import (
    AT_FIRST,
    CHANGES,
    SINCE,
    STREAMS,
    THAT_MOMENT,
    a_record,
    an_id,
    answering,
    contacts,
    reading,
)


def a_page(*numbers: int, total: int) -> dict[str, Any]:
    """Return the answer to a search."""
    records = [a_record("companies", number, THAT_MOMENT) for number in numbers]
    return {"total": total, "results": records}


@pytest.mark.parametrize(
    ("answer", "fault", "sentence"),
    [
        (a_page(total=3), Transient, "answered 0 records of 3"),
        (a_page(1, 2, total=1), Transient, "answered 2 records of 1"),
        (a_page(2, 1, total=2), Refused, "in another order than by id"),
        (a_page(1, 1, total=2), Refused, "in another order than by id"),
        ({"total": 1, "results": [{"id": "x", "properties": {}}]}, Refused, "by id"),
        ({"total": 1, "results": [{"id": "1"}]}, Refused, "without properties"),
        ({"results": []}, Refused, "answered no total"),
        ({"total": 0}, Refused, "answered no list of results"),
        ({"total": 1, "results": [{}]}, Refused, "results without ids"),
        ([], Refused, "answered no list of results"),
    ],
)
def test_a_search_that_contradicts_itself_is_no_page(
    answer: Any, fault: type[SystemFault], sentence: str
) -> None:
    """Whatever it left out would be lost for good."""
    rest = answering(answer)

    with pytest.raises(fault, match=sentence) as raised:
        reading("companies", CHANGES).fetch(Step(rest, None, SINCE))

    assert raised.value.object == "company"


def test_a_list_that_goes_on_behind_an_empty_page_is_no_list() -> None:
    """It would end nowhere, or early."""
    rest = answering({"results": [], "paging": {"next": {"after": "7"}}})

    with pytest.raises(Transient, match="an empty page that goes on"):
        reading("companies", AT_FIRST).fetch(Step(rest))


def test_what_an_answer_adds_of_its_own_does_not_change_a_record() -> None:
    """Lists and searches differ in links, in order, in properties nobody asked for."""
    empty = dict.fromkeys(OBJECTS[0].properties, "")
    plain = a_record("companies", 1, THAT_MOMENT, **empty)
    own = plain["properties"]
    turned = {"hs_calculated": "7", **dict(reversed(own.items()))}
    adorned = {"url": "https://app.hubspot.com/1", **plain, "properties": turned}

    batches = [
        reading("companies", AT_FIRST).fetch(Step(answering({"results": [each]})))
        for each in (plain, adorned)
    ]

    seen = [
        typed("hubspot", STREAMS["companies"], each)[0].to_pylist()
        for page in batches
        for each in page.arrivals
        if isinstance(each, Batch)
    ]
    assert [len(rows) for rows in seen] == [1, 1]
    assert seen[0] == seen[1]


def related(origin: int, to: int, after: str = "") -> dict[str, Any]:
    """Return one result of a batch of associations."""
    types = [{"category": "USER_DEFINED", "typeId": 28, "label": "Buyer"}]
    types += [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}]
    found: dict[str, Any] = {
        "from": {"id": an_id(origin)},
        "to": [{"toObjectId": int(an_id(to)), "associationTypes": types}],
    }
    return found | ({"paging": {"next": {"after": after}}} if after else {})


def walked_contact(*answers: dict[str, Any]) -> Batch:
    """Return the associations of a contact that a search found."""
    first = {"total": 1, "results": contacts(1)}
    rest = answering(first, *({"status": "COMPLETE", **each} for each in answers))
    page = reading("contacts", CHANGES).fetch(Step(rest, None, SINCE))
    return next(
        each
        for each in page.arrivals
        if isinstance(each, Batch) and each.stream == "contacts_companies"
    )


def test_all_parts_of_a_long_list_of_associations_are_read() -> None:
    """A company's thousandth contact is one too."""
    batch = walked_contact(
        {"results": [related(0, 1, "x")]}, {"results": [related(0, 2)]}
    )

    rows, _ = typed("hubspot", STREAMS["contacts_companies"], batch)

    assert [
        (each["id"], each["company_id"], each["is_primary"], each["labels"])
        for each in rows.to_pylist()
    ] == [
        (f"{an_id(0)}-{an_id(number)}", an_id(number), True, "Buyer; Primary")
        for number in (1, 2)
    ]


def test_the_types_of_an_association_have_one_order() -> None:
    """HubSpot promises none; another one would look like a change."""
    one, other = related(0, 1), related(0, 1)
    other["to"][0]["associationTypes"].reverse()

    batches = [walked_contact({"results": [each]}) for each in (one, other)]

    assert list(batches[0].documents) == list(batches[1].documents)


@pytest.mark.parametrize(
    ("answers", "fault", "sentence"),
    [
        ([{"results": [related(0, 1, "x")]}], Refused, "repeats the part x"),
        ([{"results": [], "status": "PROCESSING"}], Transient, "before it was comp"),
        (
            [
                {
                    "results": [],
                    "errors": [{"category": "INTERNAL_ERROR", "message": "Oh."}],
                }
            ],
            Transient,
            "Oh;",
        ),
        ([{"results": [{"from": {"id": "1"}}]}], Refused, "of another shape"),
    ],
)
def test_associations_that_are_not_all_there_end_the_step(
    answers: list[dict[str, Any]], fault: type[SystemFault], sentence: str
) -> None:
    """What is not told would be taken for ended."""
    with pytest.raises(fault, match=sentence):
        walked_contact(*answers)


def test_a_batch_that_leaves_out_a_record_without_a_word_buries_nobody() -> None:
    """Only what is said to be absent, or was merged, is gone."""
    rest = answering({"status": "COMPLETE", "results": []})

    with pytest.raises(Transient, match="says nothing of some of the records"):
        hubspot.named("companies", ["1"]).fetch(Step(rest))


def test_no_ids_need_no_call() -> None:
    """An empty batch would be an error."""
    rest = answering({})

    page = hubspot.named("companies", []).fetch(Step(rest))

    assert (page.arrivals, page.next, rest.requests) == ((), None, 0)
