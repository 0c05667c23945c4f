"""Whatever is asked in SOQL: an answer or Salesforce's refusal."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.salesforce.soql import SoqlError, read

KNOWN = (
    "SELECT Id FROM Account WHERE AND OR NOT IN ORDER BY LIMIT NULLS LAST ( ) , = != > "
    "'x' 'it\\'s' null true 5 -1.5 2026-10-01 2026-10-01T00:00:00Z Name SystemModstamp "
    "IsDeleted COUNT() COUNT(Id) SUM(NumberOfEmployees) ASC DESC ' \\ é LIKE INCLUDES "
    "GROUP HAVING OFFSET TODAY LAST_N_DAYS:3 LAST_N_YEARS:9999999 (SELECT Contacts) "
    "FIELDS(ALL) Parent.Name n CALENDAR_YEAR(CreatedDate) : USING SCOPE FOR VIEW %"
)
WORDS = KNOWN.split()
BEGUN = (
    "",
    "SELECT Id FROM ",
    "SELECT Id FROM Account ",
    "SELECT Id FROM Account WHERE ",
)
QUERIES = st.builds(
    lambda start, end: start + " ".join(end),
    st.sampled_from(BEGUN),
    st.lists(st.sampled_from(WORDS), max_size=12),
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(QUERIES)
def test_soql_is_answered_or_refused(reading: Any, text: str) -> None:
    """No query breaks the reader, the compiler or the database."""
    response = reading.soql(text)

    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()[0]["errorCode"] != "UNKNOWN_EXCEPTION"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a SoqlError comes out of the reader."""
    code = ""
    try:
        read(text)
    except SoqlError as error:
        code = error.code

    assert code in ("", "MALFORMED_QUERY", "QUERY_TOO_COMPLICATED")
