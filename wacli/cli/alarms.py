"""An alarm before a window closes over somebody who waits: the terminal's bell, or a notification of the desktop.

The desktop is asked through `notify-send` (Linux) or `osascript` (macOS), where one of them is on the PATH. What a
contact wrote goes there as an argument, never through a shell, and without anything that could be markup.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t
from wacli.render.words import Words, sanitise
from wacli.services.board import Line

_MANY = 3  # more notifications at once are noise: the rest is told as a number
_LONGEST = 200
_SCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")


class Notify(StrEnum):
    """How an alarm is given."""

    BELL = "bell"
    DESKTOP = "desktop"
    OFF = "off"


class Banner(NamedTuple):
    """One notification: who, and what about it."""

    title: str
    text: str


def notify_of(text: str | None, default: Notify) -> Notify:
    """What `--notify` asks for. Raises `Invalid` for anything else."""
    if text is None:
        return default
    try:
        return Notify(text)
    except ValueError:
        choices = ", ".join(Notify)
        raise Invalid(
            "bad-value",
            t("--notify {value} is not possible", value=text),
            t("Choose one of {choices}", choices=choices),
        ) from None


def desktop_command(environment: Mapping[str, str]) -> Callable[[Banner], list[str]] | None:
    """How this machine's desktop is told something; None where nobody can tell it."""
    path = environment.get("PATH", "")
    sender = shutil.which("notify-send", path=path)
    if sender is not None:
        return lambda banner: [sender, "--app-name=wacli", "--", banner.title, _without_markup(banner.text)]
    script = shutil.which("osascript", path=path)
    if script is not None:
        lines = [word for line in _SCRIPT for word in ("-e", line)]
        return lambda banner: [script, *lines, banner.title, banner.text]
    return None


def no_desktop() -> Text:
    """The sentence for a machine that has neither program."""
    return t("Neither notify-send nor osascript is here: the bell rings instead.")


def banners_of(alarms: Sequence[Line], now: datetime, words: Words) -> list[Banner]:
    """The notifications for windows that are about to close."""
    banners = []
    for line in alarms[:_MANY]:
        closes_at = line.verdict.window_closes_at
        assert closes_at is not None
        said = t("{left} left to answer", left=closes_at - now)
        text = words.say(said) + (f": {sanitise(line.row.last_text[:_LONGEST])}" if line.row.last_text else "")
        banners.append(Banner(sanitise(line.row.label), text))
    more = len(alarms) - len(banners)
    if more > 0:
        banners.append(Banner("wacli", words.say(t("{count} more windows are about to close", count=more))))
    return banners


def tell_desktop(command: Callable[[Banner], list[str]], banners: Sequence[Banner]) -> list[subprocess.Popen[bytes]]:
    """Starts one program for each notification and waits for none of them; returns them, to be looked after later."""
    started = []
    for banner in banners:
        try:
            quiet = subprocess.DEVNULL
            program = subprocess.Popen(command(banner), stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - no shell
            started.append(program)
        except OSError:  # gone meanwhile: an alarm that cannot be given must not end the watch
            continue
    return started


def _without_markup(text: str) -> str:
    """Notification servers may read a body as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
