"""What the reader of a template will see.

The phone draws buttons and pictures; here they are lines in brackets. The text of a one-time password is WhatsApp's
own and comes in the reader's language (facts: cloud-api.md section 4): where the template lists none, only the code
can be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .template import Body, Button, Carousel, Component, Footer, Header, LimitedTimeOffer, Template, places, put_values
from .template_slots import link_end, with_code_alias


def preview(template: Template, values: Mapping[str, str]) -> str:
    """The parts below each other; a place without a value stays visible as `{{name}}`, and nothing is refused.

    Somebody else's text: sanitise it before it reaches a terminal.
    """
    has_password = any(button.kind == "OTP" for button in template.buttons)
    return "\n".join(_block(template.components, with_code_alias(template, values), has_password))


def _block(components: Iterable[Component], given: Mapping[str, str], has_password: bool) -> list[str]:
    lines: list[str] = []
    number = 0
    for component in components:
        match component:
            case Header():
                lines.append(_header(component, given))
            case Body():
                lines.append(_body(component, given, has_password))
            case Footer(text=str(text)):
                lines.append(text)
            case Button():
                number += 1
                lines.append(_button(component, number, given))
            case LimitedTimeOffer():
                lines.append(" ".join(filter(None, (component.text, given.get("expires")))))
            case Carousel():
                lines.extend(_cards(component, given))
            case _:
                pass
    return lines


def _header(header: Header, given: Mapping[str, str]) -> str:
    value = given.get("header")
    if header.format != "TEXT":
        return f"[{header.format.lower()}: {value or '...'}]"
    text = header.text or ""
    numbered = [name for name in places(text) if name.isdigit()]
    values = given if not numbered else dict.fromkeys(numbered, value) if value is not None else {}
    return put_values(text, values)


def _body(body: Body, given: Mapping[str, str], has_password: bool) -> str:
    if not has_password:
        return put_values(body.text or "", given)
    text = body.text if body.text is not None else "{{1}}"
    return put_values(text, dict.fromkeys(places(text), given["code"])) if "code" in given else text


def _button(button: Button, number: int, given: Mapping[str, str]) -> str:
    label = f"[ {button.text or button.kind.lower()} ]"
    target = None
    if button.kind == "URL" and button.url:
        value = given.get(f"button.{number}")
        ends = dict.fromkeys(places(button.url), link_end(button.url, value)) if value is not None else {}
        target = put_values(button.url, ends)
    elif button.kind == "PHONE_NUMBER":
        target = button.phone_number
    elif button.kind == "COPY_CODE":
        target = given.get("code")
    return f"{label} {target}" if target else label


def _cards(carousel: Carousel, given: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for number, card in enumerate(carousel.cards, 1):
        prefix = f"card.{number}."
        inside = {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
        parts = [part for part in (card.header, card.body, *card.buttons) if part is not None]
        lines.append(f"--- {number} ---")
        lines.extend(_block(parts, inside, False))
    return lines
