"""Whatever is asked in SuiteQL or in a filter: an answer or NetSuite's refusal."""

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.netsuite import books, filters, functions, indexes, suiteql
from sandbox.netsuite.query import settings as account
from sandbox.netsuite.record_types import RECORD_TYPES
from sandbox.netsuite.terms import SuiteqlError
from sandbox.store import Document, Store

SUITEQL_WORDS = (
    "SELECT id FROM customer WHERE AND OR NOT IN IS NULL ORDER BY BETWEEN ( ) , = != > "
    "|| 'x' 5 -1 email lastmodifieddate c.id c * COUNT(*) BUILTIN.DF(currency) AS n "
    "TO_CHAR(lastmodifieddate,'YYYY-MM-DD') TO_DATE('2026-10-01','YYYY-MM-DD') "
    "TO_NUMBER(id) CASE WHEN THEN END GROUP HAVING SUM(id) JOIN transaction ON LEFT "
    "DISTINCT TOP ROWNUM <= UNION ALL LIKE 'x%' EXISTS SYSDATE - + / ROUND(id,2) "
    "TRUNC(lastmodifieddate) MAX(id) (SELECT id FROM item) NVL(email,id) ' \" é ; \x00 "
    "WITH a AS (SELECT id FROM item) a.id FETCH FIRST ROWS ONLY OFFSET 1 n 1/0"
)
FILTER_WORDS = (
    "companyName id email isInactive lastModifiedDate IS IS_NOT CONTAIN EQUAL ANY_OF"
    ' "x"'
    ' 5 -1.5 [ ] ( ) , AND OR EMPTY AFTER "10/1/2026" BETWEEN true é \' " ;'
)


def sentences(known: str, starts: list[str]) -> st.SearchStrategy[str]:
    """Return queries of known words in any order, most of them beginning well."""
    words = known.split(" ")
    rest = st.lists(st.sampled_from(words), max_size=14).map(" ".join)
    return st.builds(lambda start, end: start + end, st.sampled_from(starts), rest)


def small() -> Store:
    """Return an account with one customer and one invoice."""
    stamp = {"lastmodifieddate": "2026-10-01 11:00:00"}
    customer = {"id": "1001", "currency": "USD", "email": None, **stamp}
    invoice = {"id": "5", "type": "CustInvc", "entity": "1001", **stamp}
    documents: dict[str, list[Document]] = {
        "customer": [customer],
        "invoice": [invoice],
    }
    store = Store({"netsuite": documents}, Clock())
    indexes.prepare(store)
    books.fill(store)
    store.extend(functions.add_to)
    return store


STORE = small()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    sentences(
        SUITEQL_WORDS,
        [
            "",
            "SELECT id FROM customer ",
            "SELECT id FROM customer WHERE ",
            "SELECT id FROM customer c JOIN transaction t ON t.entity = c.id AND ",
            "SELECT type, SUM(foreigntotal) FROM transaction GROUP BY ",
            "WITH a AS (SELECT id FROM customer) SELECT id AS n FROM a ",
            "SELECT id AS n FROM customer ORDER BY n ",
            "SELECT ",
        ],
    )
)
def test_suiteql_is_answered_or_refused(text: str) -> None:
    """No query breaks the compiler, nor what it made."""
    try:
        plan = suiteql.understand(text, account(STORE))
        STORE.rows(f"select * from ({plan.sql}) limit 5", plan.values)
        counted = plan.values[: suiteql.highest_place(plan.counted)]
        STORE.rows(f"select count(*) from ({plan.counted})", counted)
    except (SuiteqlError, sqlite3.OperationalError):
        # The latter for what is known only when a row is looked at: the text of a
        # column that is no number.
        return


@settings(max_examples=300, deadline=None, derandomize=True)
@given(sentences(FILTER_WORDS, ["", "id ", "companyName IS ", "( id EQUAL 5 AND "]))
def test_a_filter_is_answered_or_refused(text: str) -> None:
    """No filter breaks its reader, nor what it made."""
    values = account(STORE)
    try:
        condition = filters.understand(text, RECORD_TYPES["customer"], values)
    except filters.FilterError:
        return
    table = STORE.collection("netsuite", "customer").table
    STORE.rows(f"select count(*) from {table} where {condition}", values.given)
