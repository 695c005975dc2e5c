"""One command's run: the context, what the global options said, and what follows from both.

Everything is worked out when it is first asked for, so that a command pays only for what it uses: `estimate` never
looks for a store, `threads --json` never loads a catalogue's plural rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import Text, t
from wacli.render.emit import Format, Page, dump, write_listing, write_record
from wacli.render.view import Listing, Record
from wacli.render.words import LANGUAGES, Words, language_of, sanitise

from .config import Config, Profile, Value, choose_profile, config_path, read_config, store_path
from .context import Context

Row = TypeVar("Row")
YES = ("y", "yes", "ya", "iya")


class GlobalOptions:
    """What was said before or after the command; None where nothing was."""

    def __init__(self) -> None:
        self.profile: str | None = None
        self.db: str | None = None
        self.at: str | None = None
        self.format: str | None = None
        self.is_markdown = False  # `--format markdown`, where an answer has that form
        self.is_vcard = False  # `contacts export --format vcard`
        self.fields: str | None = None
        self.limit: int | None = None
        self.quiet = False
        self.debug = False
        self.yes = False
        self.no_input = False
        self.color: str | None = None
        self.lang: str | None = None


class Session:
    """What a command is given. It holds no store and no client: those are opened by the services' callers."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.options = GlobalOptions()

    @cached_property
    def config(self) -> Config:
        """The configuration file, read once."""
        return read_config(config_path(self.context.environment))

    @cached_property
    def profile(self) -> Profile:
        """The active profile."""
        return choose_profile(self.config, self.options.profile, self.context.environment)

    @cached_property
    def zone(self) -> tzinfo:
        """The account's time zone, else this machine's."""
        name = self.profile["time_zone"]
        if name is not None:
            from zoneinfo import ZoneInfo

            return ZoneInfo(name)
        local = self.context.now().astimezone().tzinfo
        assert local is not None  # astimezone always gives one
        return local

    @cached_property
    def language(self) -> str:
        """`--lang`, `WACLI_LANG`, config.toml, else what LC_ALL, LC_MESSAGES or LANG wish for."""
        environment = self.context.environment
        asked = self.options.lang or environment.get("WACLI_LANG")
        if asked and language_of(asked) not in (asked.lower(), asked.lower()[:2]):
            raise Invalid(
                "unknown-language",
                t("There is no catalogue for {language}", language=asked),
                t("Languages: {languages}", languages=", ".join(LANGUAGES)),
            )
        system = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        return language_of(asked, self.config.language, *system)

    @cached_property
    def words(self) -> Words:
        """The reader's language and zone."""
        return Words(self.language, self.zone)

    @cached_property
    def now(self) -> datetime:
        """The instant this command acts at: `--at`, else the clock, read once."""
        if self.options.at is None:
            return self.context.now()
        from .instants import parse_instant

        return parse_instant(self.options.at, self.context.now(), self.zone)

    def real_now(self) -> datetime:
        """The clock, for commands that change something. Raises `Invalid` when `--at` was given without a dry run."""
        if self.options.at is not None:
            raise Invalid(
                "at-needs-dry-run",
                t("--at pretends another time, so it works only for reading and with --dry-run"),
                t("Leave --at out, or add --dry-run"),
            )
        return self.context.now()

    @cached_property
    def store_file(self) -> Value:
        """The store's path and where that came from."""
        return store_path(self.profile, self.options.db, self.context.environment)

    @property
    def store_path(self) -> Path:
        """The store's path."""
        return Path(self.store_file.value or "")

    @cached_property
    def format(self) -> Format:
        """`--format`, else a table on a terminal and plain when piped."""
        if self.options.format is not None:
            return Format(self.options.format)
        if self.options.fields is not None:
            return Format.PLAIN
        return Format.TABLE if self.context.out_is_terminal else Format.PLAIN

    @property
    def is_machine(self) -> bool:
        """True when the answer is for a script that asked for a format: commands that change something then answer
        with the changed object."""
        return self.options.format is not None and self.format is not Format.TABLE

    @property
    def limit(self) -> int | None:
        """The row limit asked for: None when none was given, 0 for no limit."""
        return self.options.limit

    def row_limit(self, screen: int = 20) -> int | None:
        """How many rows to fetch: what was asked, else a screenful for a table and everything for machines."""
        asked = self.options.limit
        if asked is not None:
            return asked or None
        return screen if self.format is Format.TABLE else None

    @cached_property
    def colour(self) -> bool:
        """Colour on this output? `--color`, NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM=dumb, else the terminal."""
        wish, environment = self.options.color, self.context.environment
        if wish in ("on", "off"):
            return wish == "on"
        if environment.get("NO_COLOR") or environment.get("CLICOLOR") == "0" or environment.get("TERM") == "dumb":
            return False
        forced = environment.get("CLICOLOR_FORCE", "0") != "0" or bool(environment.get("FORCE_COLOR"))
        return forced or self.context.out_is_terminal

    @property
    def page(self) -> Page:
        """Where answers go."""
        fields = self.options.fields
        chosen = tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else None
        return Page(self.context.out, self.words, self.format, chosen, self.context.width, self.colour)

    def write_listing(self, listing: Listing[Row]) -> None:
        """Answers with a list screen."""
        write_listing(listing, self.page)

    def write_record(self, record: Record) -> None:
        """Answers with a one-thing screen."""
        write_record(record, self.page)

    def say(self, sentence: Text) -> str:
        """The sentence in the reader's language."""
        return self.words.say(sentence)

    def tell(self, *sentences: Text) -> None:
        """Progress and remarks, on stderr; silent with --quiet."""
        if not self.options.quiet:
            self.context.err.writelines(self.say(sentence) + "\n" for sentence in sentences)

    def warn(self, sentences: Iterable[Text]) -> None:
        """Warnings, on stderr, also with --quiet."""
        self.context.err.writelines(self.say(sentence) + "\n" for sentence in sentences)

    def report(self, problem: Problem) -> None:
        """One line on stderr: what happened, to what, what to type next; an object with a JSON format."""
        try:
            is_json, words = self.format in (Format.JSON, Format.NDJSON), self.words
        except Problem:  # the configuration itself is what is wrong
            from datetime import UTC

            is_json, words = self.options.format in ("json", "ndjson"), Words("en", UTC)
        message = words.say(problem.message)
        hint = words.say(problem.hint) if problem.hint is not None else None
        if is_json:
            error: dict[str, object] = {"code": problem.code, "message": message, "hint": hint}
            if problem.details:
                error["details"] = dict(problem.details)
            self.context.err.write(dump({"error": error}) + "\n")
        else:
            stop = "" if message.endswith(("?", "!", ".", "…")) else "."
            self.context.err.write(f"wacli: {message}{stop}" + (f" {hint}" if hint else "") + "\n")
            if self.options.debug:
                self._write_details(problem.details)

    def _write_details(self, details: Mapping[str, object]) -> None:
        """What only somebody who looks for the cause wants: Meta's code, its details, the trace id."""
        told = {key: value for key, value in details.items() if value is not None}
        for key, value in told.items():
            shown = value if isinstance(value, str) else dump(value)
            self.context.err.write(f"  {sanitise(key)}: {sanitise(shown)}\n")

    def confirm(self, question: Text) -> bool:
        """Asks on a terminal; `--yes` says yes; without a terminal or with `--no-input` raises `Invalid`."""
        if self.options.yes:
            return True
        if self.options.no_input or not self.context.in_is_terminal:
            raise Invalid("needs-yes", t("This needs a yes, and nobody can be asked"), t("Add --yes"))
        self.context.err.write(self.say(question) + " [y/N] ")
        self.context.err.flush()
        answer = self.context.stdin().readline().decode("utf-8", "replace").strip().lower()
        return answer in YES
