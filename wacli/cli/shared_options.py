"""Options and arguments of many commands. Loads nothing: reading commands declare them too."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark

Who = Annotated[str, typer.Argument(metavar="WHO", help=mark("a name, phone number, user ID, @username or contact id"))]
Language = Annotated[str | None, typer.Option("--language", metavar="CODE", help=mark("the template's language"))]
