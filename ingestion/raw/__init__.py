"""Raw: from the pages of a walk to the rows of the raw tables.

`walk` follows a reading and `spool` keeps each page until its load is done; `typed`
makes rows of documents; `difference` finds what is new, changed and gone; `merge` lets
dlt write it, as a whole or not at all; `warehouse` knows the tables themselves.
"""
