"""The only SQLite of the house: one file per profile, and one module for each thing kept in it.

Verbs: `add`, `get` (raises NotFound), `find` (may be None), `list_*`, `record`, `mark`. Everything derived (thread
clocks, latest statuses, a contact's present number) is a pure function of kept rows, so notifications may come in any
order, in any batches and any number of times, and the tables are the same (see `intake` and `settle`).
"""
