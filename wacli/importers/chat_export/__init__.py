"""A phone's exported chat (`.txt` or `.zip`) read into messages, as a stream.

Facts: cloud-api.md section 13. The way there, one module each: `opening` finds the chat in a file or an archive,
`export` finds out its form, `shapes` finds out how its stamps are written, `dates` in which order,
`reading` cuts the blocks into messages, `placeholders` says what stands for a file or a call.

Limits, on purpose: a line that looks exactly like the beginning of a message of this file *is* one, unless the
message before it begins with such a line too (a pasted conversation) and it is older than that message; lines that
look like a beginning in another form start a message only where they fit between their neighbours in time.
"""

from .export import ChatExport, read_chat

__all__ = ["ChatExport", "read_chat"]
