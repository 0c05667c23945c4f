"""Whatever is asked in SOQL, SuiteQL or a form: an answer or the vendor's refusal."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from sandbox.netsuite import suiteql
from sandbox.salesforce import soql
from sandbox.salesforce.schema import FIELDS
from sandbox.stripe.shapes import decode
from sandbox.wire import Refusal

SOQL_WORDS = (
    "SELECT Id FROM Account WHERE AND OR NOT IN ORDER BY LIMIT NULLS LAST ( ) , = != > "
    "'x' 'it\\'s' null true 5 -1.5 2026-10-01 2026-10-01T00:00:00Z Name SystemModstamp "
    "IsDeleted COUNT() COUNT ASC DESC ' \\ é"
)
SUITEQL_WORDS = (
    "SELECT id FROM customer WHERE AND OR NOT IN IS NULL ORDER BY BETWEEN ( ) , = != > "
    "|| 'x' 5 -1 email lastmodifieddate c.id c * COUNT(*) BUILTIN.DF(currency) AS n "
    "TO_CHAR(lastmodifieddate,'YYYY-MM-DD') TO_DATE('2026-10-01','YYYY-MM-DD') "
    "TO_NUMBER(id) CASE WHEN ' \" é ;"
)


def sentences(known: str) -> st.SearchStrategy[str]:
    """Return queries of known words in any order, most of them beginning well."""
    words = known.split()
    begun = st.sampled_from(["", " ".join(words[:4]) + " ", " ".join(words[:5]) + " "])
    rest = st.lists(st.sampled_from(words), max_size=12).map(" ".join)
    return st.builds(lambda start, end: start + end, begun, rest)


@settings(max_examples=300, deadline=None)
@given(sentences(SOQL_WORDS))
def test_soql_is_answered_or_refused(text: str) -> None:
    """No query breaks the reader, nor what it made."""
    row = {"Id": "001Hs0000000001AAA", "Name": "x", "IsDeleted": False}

    def ask() -> None:
        soql.understand(text, FIELDS).matches(row)

    assert refused_or_done(ask, soql.SoqlError)


@settings(max_examples=300, deadline=None)
@given(sentences(SUITEQL_WORDS))
def test_suiteql_is_answered_or_refused(text: str) -> None:
    """No query breaks the compiler, nor what it made."""
    row = {"id": "1", "email": None, "currency": "USD", "lastmodifieddate": None}

    def ask() -> None:
        search = suiteql.understand(text)
        for found in search.run([row, row]):
            search.shown(found)

    assert refused_or_done(ask, suiteql.SuiteqlError)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.text("ab[]01", max_size=8), st.text(max_size=3))))
def test_a_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    """Brackets may stand anywhere."""
    assert refused_or_done(lambda: decode(pairs), Refusal)


def refused_or_done(ask: Callable[[], Any], refusal: type[Exception]) -> bool:
    """Say whether it was done or refused properly; other errors pass through."""
    try:
        ask()
    except refusal as refused:
        answer = getattr(refused, "response", None)
        return answer is None or isinstance(answer, Response)
    return True
