"""A template as a file: the short form that people write, the long form that Meta speaks, and back.

    name: order_ready
    language: id
    category: utility
    header: Pesanan {{1}}            # or {image: photo.jpg}, {video: ...}, {document: ...}, {location: true}
    body: Halo {{1}}, pesanan {{2}} sudah siap.
    footer: Toko Bunga Melati
    buttons:
    - reply: Saya ambil              # or {url: https://..., text: Lacak}, {phone: ..., text: ...}, {copy_code: ...}
    examples: {header: A-104, 1: Sari, 2: A-104}

Whatever the short form cannot say is written as Meta's own `components` list, so every body that Meta takes can be a
file. A draft is shortened only where lengthening gives back exactly the same JSON: nothing is lost on the way.

The names of the short form are ours; what they stand for: facts cloud-api.md section 4. A key that we do not know is
refused with its place, except Meta's own: those that only its answers have are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .problem import Invalid
from .template import places
from .template_draft import Json, TemplateDraft
from .text import Text, t

_HEAD = ("name", "language", "category", "parameter_format", "message_send_ttl_seconds")
_SHORT = ("header", "body", "footer", "buttons", "examples")
_PASSED_ON = (
    "cta_url_link_tracking_opted_out",
    "sub_category",
    "display_format",
    "bid_spec",
    "degrees_of_freedom_spec",
)
# What Meta's answers have and its create call has not (or, `allow_category_change`, has no more since 2025-04-09).
_SKIPPED = frozenset(
    {"id", "status", "quality_score", "rejected_reason", "previous_category", "correct_category", "last_updated_time"}
    | {"specific_rejection_reason", "allow_category_change"}
)
_MEDIA = {"image": "IMAGE", "video": "VIDEO", "document": "DOCUMENT", "gif": "GIF"}


def read_document(document: object, where: str) -> TemplateDraft:
    """The draft that a parsed YAML or JSON file describes. `where` names the file in refusals.

    Raises `Invalid` (`bad-template-file`) naming the key that is missing, unknown or of the wrong kind.
    """
    if not isinstance(document, Mapping) or not all(isinstance(key, str) for key in document):
        raise _bad(where, t("it does not describe a template"))
    known = (*_HEAD, *_SHORT, "components", *_PASSED_ON)
    for key in document:
        if key not in known and key not in _SKIPPED:
            raise _bad(where, t("there is no key {key}", key=key), known[:-5])
    reader = _Reader(where)
    form = reader.maybe_text(document, "parameter_format")
    return TemplateDraft(
        reader.text(document, "name"),
        reader.text(document, "language"),
        reader.text(document, "category").upper(),
        reader.components(document),
        None if form is None else form.upper(),
        reader.maybe_whole(document, "message_send_ttl_seconds"),
        {key: document[key] for key in _PASSED_ON if key in document},
    )


def write_document(draft: TemplateDraft) -> dict[str, object]:
    """The file's content, in the short form where that says the same; keys in the order in which people read them."""
    made: dict[str, object] = {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category.lower() if draft.category.isupper() else draft.category,
    }
    if draft.parameter_format is not None:
        made["parameter_format"] = draft.parameter_format.lower()
    if draft.ttl_seconds is not None:
        made["message_send_ttl_seconds"] = draft.ttl_seconds
    short = _shortened(draft.components)
    made.update(draft.extras)
    made.update(short if short is not None else {"components": [dict(part) for part in draft.components]})
    return made


def _bad(where: str, wrong: Text, keys: tuple[str, ...] = ()) -> Invalid:
    return Invalid(
        "bad-template-file",
        t("{file} is not a template file: {wrong}", file=where, wrong=wrong),
        t("Keys: {keys}", keys=", ".join(keys)) if keys else t("See one: wacli templates export FOLDER"),
    )


class _Reader:
    """Reads the values of one file; every refusal names file and key."""

    def __init__(self, where: str) -> None:
        self._where = where

    def wrong(self, key: str, wrong: Text) -> Invalid:
        return _bad(self._where, t("{key}: {wrong}", key=key, wrong=wrong))

    def maybe_text(self, document: Json, key: str, place: str = "") -> str | None:
        value = document.get(key)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"  # a button may be called that
        if isinstance(value, (str, int)):
            return str(value)
        raise self.wrong(place + key, t("it must be text"))

    def words(self, document: Json, key: str) -> str | None:
        """Text for people; the line break at the end is YAML's (`body: |`), not theirs."""
        text = self.maybe_text(document, key)
        return None if text is None else text.rstrip("\n")

    def text(self, document: Json, key: str, place: str = "") -> str:
        value = self.maybe_text(document, key, place)
        if not value:
            raise self.wrong(place + key, t("it is missing"))
        return value

    def maybe_whole(self, document: Json, key: str) -> int | None:
        value = document.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self.wrong(key, t("it must be a whole number"))

    def objects(self, value: object, key: str) -> list[Json]:
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            raise self.wrong(key, t("it must be a list, each entry with its keys"))
        return value

    def components(self, document: Json) -> tuple[Json, ...]:
        if "components" in document:
            both = next((key for key in _SHORT if key in document), None)
            if both is not None:
                raise self.wrong(both, t("a file has either this or components"))
            return tuple(self.objects(document["components"], "components"))
        examples = self._examples(document)
        parts = [*self._header(document.get("header"), examples), *self._body(document, examples)]
        footer = self.words(document, "footer")
        if footer is not None:
            parts.append({"type": "FOOTER", "text": footer})
        if document.get("buttons") is not None:
            buttons = self.objects(document["buttons"], "buttons")
            made = [self._button(button, f"buttons.{number}.") for number, button in enumerate(buttons, 1)]
            parts.append({"type": "BUTTONS", "buttons": made})
        if examples:
            raise self.wrong("examples", t("there is no place {places}", places=", ".join(examples)))
        return tuple(parts)

    def _examples(self, document: Json) -> dict[str, str]:
        given = document.get("examples")
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise self.wrong("examples", t("it must be a list of places with a value each"))
        pairs = {str(key): value for key, value in given.items()}
        return {key: self.maybe_text(pairs, key, "examples.") or "" for key in pairs}

    def _header(self, value: object, examples: dict[str, str]) -> Iterator[Json]:
        if value is None:
            return
        if not isinstance(value, Mapping):
            text = self.text({"header": value}, "header")
            names = places(text)
            made: dict[str, object] = {"type": "HEADER", "format": "TEXT", "text": text}
            if names and all(name.isdigit() for name in names):
                told = examples.pop("header", None)
                yield made if told is None else {**made, "example": {"header_text": [told]}}
            else:
                # Named places may stand in the body as well, which comes later: their examples are left for it.
                yield _with_named(made, "header_text", [(name, examples[name]) for name in names if name in examples])
            return
        if len(value) != 1 or not set(value) <= {*_MEDIA, "location"}:
            raise self.wrong("header", t("it must be text, or one of {choices}", choices="image, video, document"))
        ((kind, sample),) = value.items()
        if kind == "location":
            yield {"type": "HEADER", "format": "LOCATION"}
            return
        made = {"type": "HEADER", "format": _MEDIA[kind]}
        told = self.maybe_text({kind: sample}, kind, "header.")
        yield made if not told else {**made, "example": {"header_handle": [told]}}

    def _body(self, document: Json, examples: dict[str, str]) -> Iterator[Json]:
        text = self.words(document, "body")
        head = document.get("header")
        in_header = places(str(head)) if isinstance(head, str) else ()
        if text is None:
            for name in in_header:
                examples.pop(name, None)
            return
        made: dict[str, object] = {"type": "BODY", "text": text}
        names = places(text)
        given = [(name, examples[name]) for name in names if name in examples]
        for name in (*names, *(one for one in in_header if not one.isdigit())):
            examples.pop(name, None)
        if all(name.isdigit() for name in names):
            row = [value for _, value in sorted(given, key=lambda pair: int(pair[0]))]
            yield {**made, "example": {"body_text": [row]}} if row else made
        else:
            yield _with_named(made, "body_text", given)

    def _button(self, button: Json, place: str) -> Json:
        if "type" in button:
            return button
        kind = next((key for key in _BUTTON_KEYS if key in button), None)
        if kind is None:
            raise self.wrong(place.rstrip("."), t("it must be one of {choices}", choices=", ".join(_BUTTON_KEYS)))
        known = _BUTTON_KEYS[kind]
        for key in button:
            if key not in known:
                raise self.wrong(place + key, t("a button of this kind takes {choices}", choices=", ".join(known)))
        if kind == "reply":
            return {"type": "QUICK_REPLY", "text": self.text(button, "reply", place)}
        if kind == "copy_code":
            return {"type": "COPY_CODE", "example": self.text(button, "copy_code", place)}
        if kind == "phone":
            number = self.text(button, "phone", place)
            return {"type": "PHONE_NUMBER", "text": self.text(button, "text", place), "phone_number": number}
        link = {"type": "URL", "text": self.text(button, "text", place), "url": self.text(button, "url", place)}
        example = self.maybe_text(button, "example", place)
        return link if example is None else {**link, "example": [example]}


_BUTTON_KEYS = {
    "reply": ("reply",),
    "url": ("url", "text", "example"),
    "phone": ("phone", "text"),
    "copy_code": ("copy_code",),
}


def _with_named(made: dict[str, object], key: str, given: list[tuple[str, str]]) -> dict[str, object]:
    if not given:
        return made
    told = [{"param_name": name, "example": value} for name, value in given]
    return {**made, "example": {f"{key}_named_params": told}}


def _shortened(components: tuple[Json, ...]) -> dict[str, object] | None:
    """The short form, or None where it would not give back exactly these components."""
    made: dict[str, object] = {}
    examples: dict[str | int, object] = {}
    for part in components:
        key = {"HEADER": "header", "BODY": "body", "FOOTER": "footer", "BUTTONS": "buttons"}.get(str(part.get("type")))
        if key is None or key in made:
            return None
        made[key] = _short_part(key, part)
        examples.update((int(name) if name.isdigit() else name, told) for name, told in _short_examples(key, part))
    if examples:
        made["examples"] = examples
    try:
        is_same = _Reader("").components(made) == components
    except Invalid:
        return None
    return made if is_same else None


def _short_part(key: str, part: Json) -> object:
    if key == "header" and part.get("format") != "TEXT":
        form = str(part.get("format"))
        if form == "LOCATION":
            return {"location": True}
        example = part.get("example")
        handles = example.get("header_handle") if isinstance(example, Mapping) else None
        return {form.lower(): handles[0] if isinstance(handles, list) and handles else None}
    if key == "buttons":
        buttons = part.get("buttons")
        return [_short_button(one) for one in buttons if isinstance(one, Mapping)] if isinstance(buttons, list) else []
    return part.get("text")


def _short_button(button: Json) -> Json:
    get = button.get
    example = get("example")
    made: dict[str, object]
    match get("type"):
        case "QUICK_REPLY":
            made = {"reply": get("text")}
        case "PHONE_NUMBER":
            made = {"phone": get("phone_number"), "text": get("text")}
        case "COPY_CODE":
            made = {"copy_code": example}
        case "URL":
            made = {"url": get("url"), "text": get("text")}
            if isinstance(example, list) and example:
                made["example"] = example[0]
        case _:
            return button
    try:
        return made if _Reader("")._button(made, "") == button else button
    except Invalid:
        return button


def _short_examples(key: str, part: Json) -> Iterator[tuple[str, object]]:
    example = part.get("example")
    if not isinstance(example, Mapping):
        return
    pairs = example.get(f"{key}_text_named_params")
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, Mapping):
            yield str(pair.get("param_name")), pair.get("example")
    row = example.get(f"{key}_text")
    if key == "header" and isinstance(row, list) and row:
        yield "header", row[0]
    elif isinstance(row, list) and row and isinstance(row[0], list):
        for number, value in enumerate(row[0], 1):
            yield str(number), value
