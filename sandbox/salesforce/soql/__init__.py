"""SOQL: Salesforce's query language, read and turned into SQL over the store.

`read` makes a tree of the text, `compile_query` checks it against the objects and
makes SQL of it. What is not understood is MALFORMED_QUERY: never an empty answer.
"""

from sandbox.salesforce.soql.compiler import Target, compile_query
from sandbox.salesforce.soql.plan import Plan
from sandbox.salesforce.soql.reader import read
from sandbox.salesforce.soql.tokens import SoqlError

__all__ = ["Plan", "SoqlError", "Target", "compile_query", "read"]
