"""The options of `wacli estimate`: what may be typed, and together with what. Each is read in `estimate_options`.

Annotations are not postponed where these are used: typer evaluates postponed ones six times over, which for this many
options is a tenth of the whole process (measured, 13 of 127 ms).
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, mark, t

To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="WHERE", help=mark("a country, market or phone number; repeated, each gets all")),
]
Marketing = Annotated[str | None, typer.Option("--marketing", metavar="N", help=mark("so many marketing templates"))]
Utility = Annotated[str | None, typer.Option("--utility", metavar="N", help=mark("so many utility templates"))]
Authentication = Annotated[
    str | None, typer.Option("--authentication", metavar="N", help=mark("so many authentication templates"))
]
International = Annotated[
    str | None,
    typer.Option("--authentication-international", metavar="N", help=mark("the same at the international rate")),
]
Service = Annotated[
    str | None, typer.Option("--service", metavar="N", help=mark("so many answers that are no templates"))
]
Line = Annotated[
    list[str] | None,
    typer.Option("--line", metavar="ID,marketing,1000", help=mark("where to, category, count; may be repeated")),
]
Lines = Annotated[
    str | None,
    typer.Option("--lines", metavar="FILE", help=mark("the same from a CSV file; - reads standard input")),
]
Recipients = Annotated[
    str | None,
    typer.Option("--recipients", metavar="FILE", help=mark("a CSV file of numbers, one message to each; - too")),
]
ChatExport = Annotated[
    list[str] | None,
    typer.Option("--chat-export", metavar="FILE", help=mark("an exported chat through the API; may be repeated")),
]
FromStore = Annotated[
    bool, typer.Option("--from-store", help=mark("your own messages again, by other rules or with other habits"))
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="INSTANT", help=mark("with --from-store: from then on; this month"))
]
Until = Annotated[str | None, typer.Option("--until", metavar="INSTANT", help=mark("with --from-store: before then"))]
Me = Annotated[str | None, typer.Option("--me", metavar="NAME", help=mark("your own name in the chat"))]
DayFirst = Annotated[bool | None, typer.Option("--day-first/--month-first", help=mark("how the chat writes its dates"))]
Category = Annotated[str | None, typer.Option("--category", metavar="CATEGORY", help=mark("what the recipients get"))]
Column = Annotated[
    str | None, typer.Option("--column", metavar="NAME", help=mark("the file's column of phone numbers"))
]
Rejects = Annotated[
    str | None, typer.Option("--rejects", metavar="FILE", help=mark("keep the rows that are no recipients"))
]
Numbers = Annotated[
    str, typer.Option("--numbers", metavar="N", help=mark("your business numbers; each has an allowance"))
]
InWindow = Annotated[
    str, typer.Option("--in-window", metavar="60%", help=mark("share of templates sent while a window is open"))
]
FromAds = Annotated[
    str, typer.Option("--from-ads", metavar="10%", help=mark("share of messages inside a free entry point"))
]
AllowanceUsed = Annotated[
    str, typer.Option("--allowance-used", metavar="N", help=mark("free messages already used this month"))
]
VolumeSoFar = Annotated[
    list[str] | None,
    typer.Option(
        "--volume-so-far",
        metavar="ID,utility,1000",
        help=mark("billed earlier this month, for volume tiers; may be repeated"),
    ),
]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help=mark("the day; today if left out"))]
Currency = Annotated[str | None, typer.Option("--currency", metavar="USD", help=mark("the currency of your bill"))]
Compare = Annotated[
    list[str] | None,
    typer.Option("--compare", metavar="DATE", help=mark("the same messages on another day; may be repeated")),
]
WhatIf = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        metavar="CHANGE",
        help=mark(
            "service=+50%, marketing=2000, in-window=80%, numbers=3; with --from-store answer-within=2h, "
            "merge-replies=10m, utility-in-entry-point=3d, replies-in-app; may be repeated"
        ),
    ),
]
Rate = Annotated[
    list[str] | None,
    typer.Option(
        "--rate",
        metavar="ID=0.0411",
        help=mark("a price where no card has one; ID,utility=0.02 always counts; may be repeated"),
    ),
]
Fee = Annotated[str | None, typer.Option("--fee", metavar="0.005", help=mark("your provider's fee for each message"))]
FeeName = Annotated[str | None, typer.Option("--fee-name", metavar="NAME", help=mark("whose fee it is"))]
Tax = Annotated[str | None, typer.Option("--tax", metavar="11%", help=mark("tax on everything"))]
TaxName = Annotated[str | None, typer.Option("--tax-name", metavar="NAME", help=mark("which tax it is"))]
Fx = Annotated[
    str | None, typer.Option("--fx", metavar="USD:IDR=16500", help=mark("show the total in another currency too"))
]

_OF_A_STORE = ("--from-store", "--since", "--until", "--on", "--compare", "--what-if")
_OF_CHATS = ("--chat-export", "--me", "--day-first", "--month-first", "--to", "--category", "--on", "--currency")
_NEEDS = {
    "--since": "--from-store",
    "--until": "--from-store",
    "--me": "--chat-export",
    "--day-first": "--chat-export",
    "--month-first": "--chat-export",
    "--category": "--recipients",
    "--column": "--recipients",
    "--rejects": "--recipients",
}


def check_together(typed: Sequence[str]) -> None:
    """Raises `Invalid` (code `usage`) for an option that would be passed over: an estimate is never a guess."""
    if "--from-store" in typed:
        _check_beside(
            "--from-store", _OF_A_STORE, typed, t("The store says what was sent, and to whom: leave them out")
        )
    elif "--chat-export" in typed:
        _check_beside("--chat-export", _OF_CHATS, typed, t("The chats say what was written: leave them out"))
    else:
        for option in typed:
            wanted = _NEEDS.get(option)
            if wanted is not None and wanted not in typed:
                raise Invalid(
                    "usage",
                    t("{option} goes with {wanted} only", option=option, wanted=wanted),
                    t("Give {wanted} with it", wanted=wanted),
                )


def _check_beside(source: str, its_own: Sequence[str], typed: Sequence[str], hint: Text) -> None:
    others = [option for option in typed if option not in its_own]
    if others:
        message = t("{source} does not go with {options}", source=source, options=", ".join(others))
        raise Invalid("usage", message, hint)
