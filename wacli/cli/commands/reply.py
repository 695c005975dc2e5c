"""`wacli reply`: a free-form answer, in words, with a file, a place, buttons or an emoji, while the window is open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid, NotFound
from wacli.domain.text import mark, t
from wacli.services.choices import Choices, choices_of_json, inline_choices, titles_of
from wacli.services.contact_values import values_of
from wacli.services.letters import (
    Letter,
    buttons_letter,
    file_letter,
    list_letter,
    place_letter,
    reaction_letter,
    split_text,
    template_letter,
    text_letter,
)
from wacli.services.send_run import Courtesy, Order, latest_inbound
from wacli.services.sending import Desk
from wacli.services.templates import find_template
from wacli.store.database import Store

from ..dispatch import settle
from ..exits import ExitStatus
from ..offer_end import with_offer_end
from ..options import examples
from ..sending_options import (
    VALUE,
    DryRun,
    MaxCost,
    OnlyFree,
    OverBudget,
    TryAgain,
    conditions_of,
    desk_of,
    is_by_hand,
    store_for,
)
from ..session import Session
from ..shared_options import Language, Who
from ..who import find_contact, find_or_meet

_LAST = "last"


class _Typed(NamedTuple):
    """What was typed of the answer itself."""

    text: str | None
    file: str | None
    is_voice: bool
    location: str | None
    buttons: str | None
    choices: str | None
    react: str | None
    to_message: str | None
    splits: bool


_Words = Annotated[list[str] | None, typer.Argument(metavar="TEXT", help=mark("what to answer; - reads it from stdin"))]
_File = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help=mark("send a file, with TEXT as its caption"))
]
_Voice = Annotated[bool, typer.Option("--voice", help=mark("send the file as a voice note (OGG with OPUS sound)"))]
_ToMessage = Annotated[
    str | None, typer.Option("--to-message", metavar="WAMID", help=mark("quote this message; “last”: their latest"))
]
_React = Annotated[
    str | None, typer.Option("--react", metavar="EMOJI", help=mark("react to --to-message; empty takes it back"))
]
_Location = Annotated[
    str | None, typer.Option("--location", metavar="LAT,LONG[,NAME[,ADDRESS]]", help=mark("send a place"))
]
_Buttons = Annotated[
    str | None, typer.Option("--buttons", metavar='"YES|NO"', help=mark("up to three buttons under TEXT"))
]
_Choices = Annotated[
    str | None,
    typer.Option("--list", metavar="FILE", help=mark('a list under TEXT: a JSON file, or "Menu: Roses | Tulips"')),
]
_ElseTemplate = Annotated[
    str | None,
    typer.Option("--else-template", metavar="NAME", help=mark("if the window is shut, send this with KEY=VALUE...")),
]
_Split = Annotated[bool, typer.Option("--split", help=mark("send a text that is too long in parts"))]
_Read = Annotated[bool, typer.Option("--mark-read", help=mark("mark their messages as read first"))]
_Typing = Annotated[bool, typer.Option("--typing", help=mark("show that you are typing first"))]
_Quick = Annotated[
    str | None, typer.Option("--quick", metavar="NAME", help=mark("answer with this quick reply: wacli quick list"))
]


@examples(
    'wacli reply Sari "Your order is ready."',
    'wacli reply Sari "Our menu" --file menu.pdf',
    "wacli reply Sari --file note.ogg --voice",
    'wacli reply Sari "Shall we deliver?" --buttons "Yes|No"',
    "wacli reply Sari --quick hours",
    "wacli reply Sari --react 👍 --to-message last",
    'wacli reply Agus "It is ready!" --else-template order_ready name={name} order=A-17',
)
def reply(
    ctx: typer.Context,
    who: Who,
    words: _Words = None,
    file: _File = None,
    voice: _Voice = False,
    to_message: _ToMessage = None,
    react: _React = None,
    location: _Location = None,
    buttons: _Buttons = None,
    choices: _Choices = None,
    else_template: _ElseTemplate = None,
    language: Language = None,
    split: _Split = False,
    read: _Read = False,
    typing: _Typing = False,
    quick: _Quick = None,
    dry_run: DryRun = False,
    if_free: OnlyFree = False,
    max_cost: MaxCost = None,
    try_again: TryAgain = False,
    over_budget: OverBudget = False,
) -> ExitStatus:
    """Answers freely while the window is open; refuses before any socket when it is not."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    text, values = _words(
        session, words or [], else_template, has_more=bool(file or location or quick or react is not None)
    )
    if quick is not None and text is not None:
        raise Invalid("usage", t("TEXT and --quick do not go together"), t("Choose one"))
    typed = _Typed(text, file, voice, location, buttons, choices, react, to_message, split)
    conditions = conditions_of(session, if_free, max_cost, None, try_again, over_budget)
    with store_for(session, is_dry=dry_run) as store:
        # A stranger has no open window; in the phone app anybody can be written to.
        contact = (find_or_meet if is_by_hand(session) else find_contact)(session, store, who)
        desk = desk_of(session, store)
        if quick is not None:
            from wacli.services.quick import text_for

            typed = typed._replace(text=text_for(store, quick, contact))
        instead = (
            None if else_template is None else _instead(session, store, contact, (else_template, language), values)
        )
        letters = _letters(session, desk, contact, typed)
        orders = [Order(who, contact, letter, instead, continues=at > 0) for at, letter in enumerate(letters)]
        if instead is not None and len(orders) > 1:
            raise Invalid(
                "usage",
                t("A text in parts cannot be replaced by one template"),
                t("Shorten the text, or leave --else-template out"),
            )
        return settle(session, desk, orders, conditions, is_dry=dry_run, courtesy=Courtesy(read, typing))


def _words(
    session: Session, words: list[str], else_template: str | None, *, has_more: bool
) -> tuple[str | None, dict[str, str]]:
    """TEXT, and the values of --else-template that follow it."""
    text = None
    if words and not (else_template is not None and has_more and VALUE.fullmatch(words[0])):
        text, words = words[0], words[1:]
    values = {match[1]: match[2] for word in words if (match := VALUE.fullmatch(word))}
    if else_template is None and words:
        raise Invalid("usage", t("The text is more than one word"), t('Put it in quotes: wacli reply WHO "TEXT"'))
    if len(values) < len(words):
        raise Invalid(
            "usage",
            t("The values of the template must be written KEY=VALUE"),
            t('Type: wacli reply WHO "TEXT" --else-template NAME KEY=VALUE ...'),
        )
    if text == "-":
        text = session.context.stdin().read().decode("utf-8", "replace").removesuffix("\n")
    return text, values


def _letters(session: Session, desk: Desk, contact: Contact, typed: _Typed) -> list[Letter]:
    """The answer, in parts where it is too long and may be split. Raises `Invalid` for what does not go together."""
    kinds = {
        "--file": typed.file,
        "--location": typed.location,
        "--buttons": typed.buttons,
        "--list": typed.choices,
        "--react": typed.react,
    }
    chosen = [name for name, value in kinds.items() if value is not None]
    if len(chosen) > 1:
        raise Invalid("usage", t("These do not go together: {names}", names=", ".join(chosen)), t("Choose one"))
    if typed.is_voice and typed.file is None:
        raise Invalid("missing", t("--voice needs the file with the sound"), t("Add --file note.ogg"))
    quoted = _quoted(session, desk, contact, typed.to_message)
    if typed.react is not None or typed.location is not None:
        if typed.text is not None:
            raise Invalid(
                "usage", t("{name} takes no text", name=chosen[0]), t("Send the text as an answer of its own")
            )
        if typed.location is not None:
            return [place_letter(typed.location, quoted)]
        if quoted is None:
            raise Invalid(
                "missing",
                t("--react needs the message it is about"),
                t("Add --to-message last, or the wamid: wacli thread WHO --json"),
            )
        return [reaction_letter(quoted, typed.react or "")]
    if typed.file is not None:
        return [file_letter(Path(typed.file).expanduser(), typed.text, quoted, is_voice=typed.is_voice)]
    if typed.text is None:
        raise Invalid("missing", t("There is nothing to answer with"), t('Type: wacli reply WHO "TEXT"'))
    if typed.buttons is not None:
        return [buttons_letter(typed.text, titles_of(typed.buttons), quoted)]
    if typed.choices is not None:
        button, sections = _choices(typed.choices)
        return [list_letter(typed.text, button, sections, quoted)]
    parts = split_text(typed.text) if typed.splits else [typed.text]
    return [text_letter(part, quoted if number == 0 else None) for number, part in enumerate(parts)]


def _choices(typed: str) -> Choices:
    path = Path(typed).expanduser()
    if typed.endswith(".json"):
        try:
            return choices_of_json(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            raise Invalid("no-file", t("The file {name} cannot be read", name=typed), t("Check its path")) from None
    return inline_choices(typed)


def _quoted(session: Session, desk: Desk, contact: Contact, typed: str | None) -> str | None:
    if typed != _LAST:
        return typed
    found = latest_inbound(desk, contact, session.now)
    if found is None:
        raise NotFound("no-message", t("{name} has not written yet", name=contact.label))
    return found


def _instead(
    session: Session, store: Store, contact: Contact, wanted: tuple[str, str | None], values: dict[str, str]
) -> Letter:
    template = find_template(store, *wanted)
    return template_letter(template, values_of(with_offer_end(session, template, values), contact))
