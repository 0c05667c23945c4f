"""Identity: which records of the systems are one customer, and how sure that is.

Everything here is a function of the records, of what people pinned and of a model in a
file. What must outlive the warehouse, golden ids and pins, is kept by `operations`.
"""
