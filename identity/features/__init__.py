"""Features: what of a record is compared, written alike whoever wrote it.

A feature follows from its record and the model alone. Whatever depended on the other
records (how frequent a name is, say) would change with each of them, and a run over
what changed could not equal a run over everything.
"""
