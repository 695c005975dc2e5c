"""Address books of other programs (CSV, TSV, XLSX, Google contacts, vCard) read into rows, as a stream.

One module each: `reading` finds out what a file is, `tables` and `workbooks` give records of cells, `headers` guesses
which column means what, `rows` turns cells into contacts or refusals, `numbers` reads phone numbers quickly,
`vcards` reads and `vcard_writing` writes vCard (CSV is written in render, with every other list).
"""

from .headers import ColumnGuess, Field
from .reading import ContactsPreview, preview_contacts, read_contact_blocks_ahead, read_contacts
from .rows import ContactRow, PlainRows, RejectedRow
from .vcard_writing import write_vcard

__all__ = [
    "ColumnGuess",
    "ContactRow",
    "ContactsPreview",
    "Field",
    "PlainRows",
    "RejectedRow",
    "preview_contacts",
    "read_contact_blocks_ahead",
    "read_contacts",
    "write_vcard",
]
