"""What is to be sent: words, a file, a place, buttons, a reaction, a filled template. No contact, no socket.

A letter with local files is complete except for their media ids: `files` says what must be uploaded first, and
`posted` puts the ids in. Until then each id is shown as "(the id of menu.pdf)", which is what a dry run prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wacli.cloudapi.outgoing import (
    ButtonsMessage,
    Content,
    File,
    Frame,
    ListMessage,
    LocationMessage,
    MediaMessage,
    ReactionMessage,
    ReplyButton,
    Section,
    TemplateMessage,
    TextMessage,
)
from wacli.cloudapi.outgoing.limits import TEXT
from wacli.domain.filled import Filled, FilledCarousel, FilledPart, MediaValue
from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_fill import check_values, fill
from wacli.domain.template_preview import preview
from wacli.domain.template_slots import Slot, SlotKind, slots_of
from wacli.domain.text import t

if TYPE_CHECKING:
    from wacli.cloudapi.media import LocalFile

MediaIds = Mapping[Path, str]


class Letter(NamedTuple):
    """What is to be sent. `text` is what the contact will read; `template` None for a free-form message.

    `with_ids` makes the content again once the files have their media ids; None where there are no files.
    `is_sensitive`: nothing of what it says is kept in the store. `identity_hash`: the key its reader must still have.
    """

    content: Content
    text: str
    template: Template | None = None
    reply_to: str | None = None
    files: tuple[LocalFile, ...] = ()
    with_ids: Callable[[MediaIds], Content] | None = None
    is_sensitive: bool = False
    identity_hash: str | None = None

    def posted(self, ids: MediaIds) -> Letter:
        """The letter with the media ids of its files."""
        return self if self.with_ids is None else self._replace(content=self.with_ids(ids))


def text_letter(text: str, reply_to: str | None = None) -> Letter:
    """A free-form text. Raises `Invalid` for one that is empty or over 4,096 characters."""
    content = TextMessage(text)
    content.payload()
    return Letter(content, text, reply_to=reply_to)


def split_text(text: str, limit: int = TEXT) -> list[str]:
    """The text in parts that fit, cut between paragraphs, else lines, sentences or words, else where it must be."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        at = _place_to_cut(rest, limit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest]


def _place_to_cut(text: str, limit: int) -> int:
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, limit // 2, limit + 1 - len(mark.rstrip(" ")))
        if at > 0:
            return at + len(mark.rstrip())
    return limit


def file_letter(path: Path, caption: str | None, reply_to: str | None = None, *, is_voice: bool = False) -> Letter:
    """A file with words under it; the kind is read from the file. Raises `Invalid` before anything is uploaded.

    `is_voice`: sound that arrives as a voice note, and whose `played` is told (facts cloud-api.md section 2).
    """
    file = _inspect(path)
    if is_voice and file.mime_type != "audio/ogg":
        raise Invalid(
            "bad-media",
            t("The file {name} cannot be a voice note: WhatsApp takes OGG files with OPUS sound only", name=file.name),
            t("Send it as a file, without --voice; or convert it: ffmpeg -i {name} -ac 1 -c:a libopus note.ogg",
              name=file.name),
        )  # fmt: skip

    def content_of(ids: MediaIds) -> MediaMessage:
        name = file.name if file.kind == "document" else None
        return MediaMessage(File(file.kind, id=ids[path], filename=name), caption, is_voice)

    content = content_of({path: placeholder(file)})
    content.payload()
    return Letter(content, caption or file.name, reply_to=reply_to, files=(file,), with_ids=content_of)


def reaction_letter(message_id: str, emoji: str) -> Letter:
    """An emoji on a message; an empty one takes it back. Raises `Invalid` (`bad-emoji`) for words."""
    if any(char.isalpha() for char in emoji) or len(emoji) > 16 or (emoji and emoji.isascii()):
        raise Invalid("bad-emoji", t("{text} is not an emoji", text=emoji), t("Give one emoji, for example 👍"))
    return Letter(ReactionMessage(message_id, emoji), emoji)


def place_letter(typed: str, reply_to: str | None = None) -> Letter:
    """A pin on the map from `LAT,LONG[,NAME[,ADDRESS]]`. Raises `Invalid` (`bad-location`)."""
    parts = [part.strip() for part in typed.split(",", 3)]
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        raise Invalid(
            "bad-location",
            t("{text} is not a place on the map", text=typed),
            t("Write latitude,longitude,name,address: -6.2,106.8,Kedai,Jl. Sabang 1"),
        ) from None
    name, address = (*(part or None for part in parts[2:4]), None, None)[:2]
    content = LocationMessage(latitude, longitude, name, address)
    content.payload()
    return Letter(content, name or f"{latitude}, {longitude}", reply_to=reply_to)


def buttons_letter(text: str, titles: list[str], reply_to: str | None = None) -> Letter:
    """One to three buttons under a text; each answers with its own title. Raises `Invalid` where Meta would refuse."""
    content = ButtonsMessage(Frame(text), tuple(ReplyButton(title, title) for title in titles))
    content.payload()
    return Letter(content, text, reply_to=reply_to)


def list_letter(text: str, button: str, sections: tuple[Section, ...], reply_to: str | None = None) -> Letter:
    """A text with a button that opens a list of choices. Raises `Invalid` where Meta would refuse."""
    content = ListMessage(Frame(text), button, sections)
    content.payload()
    return Letter(content, text, reply_to=reply_to)


def template_letter(template: Template, values: Mapping[str, str]) -> Letter:
    """A filled template; a header's picture or document may be the path of a local file.

    Raises `Invalid` naming every missing, unknown or empty value, and what `inspect` raises for a file.
    """
    files = {slot.key: file for slot in slots_of(template) if (file := _file_of(slot, values)) is not None}
    if files:
        check_values(template, values)  # with the paths as they were typed
    # A media id is digits: fill the template with stand-ins that are, and put the real ones in their places.
    stand_ins = {key: str(number) for number, key in enumerate(files)}
    names = {
        key + ".filename": file.name
        for key, file in files.items()
        if file.kind == "document" and key + ".filename" not in values
    }
    filled = fill(template, {**values, **stand_ins, **names})

    def content_of(ids: MediaIds) -> TemplateMessage:
        return TemplateMessage(_with_ids(filled, {stand_ins[key]: ids[file.path] for key, file in files.items()}))

    content = content_of({file.path: placeholder(file) for file in files.values()})
    text = preview(template, values)
    return Letter(content, text, template, files=tuple(files.values()), with_ids=content_of if files else None)


def _inspect(path: Path) -> LocalFile:
    from wacli.cloudapi.media import inspect  # brings the client, which most letters and every dry run can do without

    return inspect(path)


def placeholder(file: LocalFile) -> str:
    """What stands for the media id of a file that is not uploaded yet."""
    return f"(the id of {file.name})"


def _file_of(slot: Slot, values: Mapping[str, str]) -> LocalFile | None:
    typed = values.get(slot.key, "").strip()
    if slot.kind is not SlotKind.MEDIA or not typed or typed.isdigit() or typed.startswith(("https://", "http://")):
        return None
    path = Path(typed).expanduser()
    if not path.is_file():
        return None  # `fill` says what a header may be
    file = _inspect(path)
    if file.kind != slot.medium:
        raise Invalid(
            "bad-media",
            t("{key} must be a file of the kind {wanted}, and {name} is {kind}",
              key=slot.key, wanted=slot.medium, name=file.name, kind=file.kind),
            t("Choose another file"),
        )  # fmt: skip
    return file


def _with_ids(filled: Filled, ids: Mapping[str, str]) -> Filled:
    def part_of(part: FilledPart) -> FilledPart:
        values = tuple(
            replace(value, id=ids.get(value.id or "", value.id)) if isinstance(value, MediaValue) else value
            for value in part.values
        )
        return replace(part, values=values)

    if not ids:
        return filled
    parts = tuple(
        FilledCarousel(tuple(tuple(part_of(inner) for inner in card) for card in part.cards))
        if isinstance(part, FilledCarousel)
        else part_of(part)
        for part in filled.parts
    )
    return replace(filled, parts=parts)
