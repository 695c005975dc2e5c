"""The options that describe a business number, for `setup` and `profiles add`."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark

Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help=mark("cloud-api, phone-app or sandbox"))]
PhoneNumberId = Annotated[
    str | None, typer.Option("--phone-number-id", metavar="ID", help=mark("Meta's id of the number"))
]
WabaId = Annotated[str | None, typer.Option("--waba-id", metavar="ID", help=mark("Meta's id of the account"))]
Country = Annotated[
    str | None, typer.Option("--country", metavar="CC", help=mark("country of local numbers, such as ID"))
]
TimeZone = Annotated[
    str | None, typer.Option("--time-zone", metavar="ZONE", help=mark("the account's time zone, such as Asia/Jakarta"))
]
Currency = Annotated[str | None, typer.Option("--currency", metavar="CUR", help=mark("the account's currency"))]
