"""Commands and groups as wacli makes them: global options before and after every command, help in two languages.

Each command carries the global options itself, so that `wacli --json threads` and `wacli threads --json` are parsed
by the same parser and a value that looks like an option stays a value. A command that declares an option of the same
name keeps its own (`campaigns send --at`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.emit import Format

from .session import Session


class GlobalOption(NamedTuple):
    """One global option: its spellings, the field of `GlobalOptions` it sets, what it does."""

    names: tuple[str, ...]
    field: str
    help: str
    metavar: str | None = None
    sets: object = True  # for a flag: what it sets the field to


GLOBAL_OPTIONS = (
    GlobalOption(("--profile", "-p"), "profile", mark("the business number to work with"), "NAME"),
    GlobalOption(("--db",), "db", mark("the store's file"), "FILE"),
    GlobalOption(("--at",), "at", mark("act as if it were then (reading and dry runs only)"), "INSTANT"),
    GlobalOption(("--json",), "format", mark("the same as --format json"), sets="json"),
    GlobalOption(("--format",), "format", mark("table, plain, json, ndjson or csv"), "FORMAT"),
    GlobalOption(("--fields",), "fields", mark("only these fields, in this order"), "A,B"),
    GlobalOption(("--limit",), "limit", mark("at most so many rows; 0 is no limit"), "N"),
    GlobalOption(("--quiet", "-q"), "quiet", mark("no remarks on stderr")),
    GlobalOption(("--debug",), "debug", mark("technical details of failures")),
    GlobalOption(("--yes", "-y"), "yes", mark("answer yes to questions")),
    GlobalOption(("--no-input",), "no_input", mark("never ask")),
    GlobalOption(("--color",), "color", mark("on, off or auto"), "WHEN"),
    GlobalOption(("--lang",), "lang", mark("en or id"), "LANG"),
)

HELP_NAMES = ("--help", "-h")
COMPLETE_VARIABLE = "_WACLI_COMPLETE"  # set by the scripts of `wacli completion`; the parser derives it from the name
_IN_MARKDOWN = ("wacli thread", "wacli documents list", "wacli report")
_IN_VCARD = ("wacli contacts export",)
_CHOICES = {"format": tuple(Format), "color": ("on", "off", "auto"), "lang": None}


def _keep(option: GlobalOption) -> Callable[[Any, Any, Any], None]:
    def callback(context: Any, _param: Any, value: Any) -> None:
        if value is None or value is False:
            return
        session: Session = context.find_root().obj
        if option.metavar is None:
            value = option.sets
        if option.field == "format" and value == "markdown" and context.command_path in _IN_MARKDOWN:
            session.options.is_markdown, value = True, Format.PLAIN.value  # few answers have this form
        if option.field == "format" and value == "vcard" and context.command_path in _IN_VCARD:
            session.options.is_vcard, value = True, Format.PLAIN.value
        choices = _CHOICES.get(option.field)
        if choices is not None and value not in choices:
            raise Invalid(
                "bad-option",
                t("{option} {value} is not possible", option=option.names[0], value=str(value)),
                t("Choose one of {choices}", choices=", ".join(choices)),
            )
        if option.field == "limit" and value < 0:
            raise Invalid("bad-option", t("--limit cannot be negative"), t("0 is no limit"))
        setattr(session.options, option.field, value)

    return callback


def _global_params(taken: set[str]) -> list[TyperOption]:
    params: list[TyperOption] = []
    for option in GLOBAL_OPTIONS:
        names = [name for name in option.names if name not in taken]
        if not names or option.names[0] in taken:
            continue
        is_flag = option.metavar is None
        params.append(
            TyperOption(
                param_decls=[*names, f"global_{option.field}_{len(params)}"],
                type=int if option.field == "limit" else None if is_flag else str,
                is_flag=is_flag,
                default=None,
                help=option.help,
                metavar=option.metavar,
                expose_value=False,
                callback=_keep(option),
                is_eager=True,  # before a command's own arguments are checked, so that errors come in --json
            )
        )
    return params


class _Shared:
    """What commands and groups have in common: the global options and the layout of help."""

    params: list[Any]
    help: str | None
    epilog: str | None
    name: str | None

    def _add_global_options(self) -> None:
        taken = {name for param in self.params for name in getattr(param, "opts", [])}
        self.own_params = list(self.params)
        self.params = [*self.params, *_global_params(taken)]
        self._add_help_option()

    def _add_help_option(self) -> None:
        def show(ctx: Any, _param: Any, value: Any) -> None:
            if value:
                ctx.find_root().obj.context.out.write(ctx.get_help() + "\n")
                ctx.exit()

        self.add_help_option = False  # the parser's own writes to sys.stdout, whatever stream we were given
        self.params.append(
            TyperOption(
                param_decls=[*HELP_NAMES, "global_help"],
                is_flag=True,
                default=None,
                hidden=True,
                expose_value=False,
                callback=show,
                is_eager=True,
            )
        )

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Help comes last, so that `--help --lang id` knows its language and `wacli --help threads` its command."""
        own = args[: args.index("--")] if "--" in args else args
        asked = [name for name in own if name in HELP_NAMES]
        if asked:
            args = [name for name in own if name not in HELP_NAMES] + asked[:1]
        return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Description, usage, commands or options, global options; every line through the catalogue."""
        session: Session = ctx.find_root().obj
        say = session.words.say
        usage = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        if self.help:
            formatter.write_text(say(self.help))
            formatter.write_paragraph()
        formatter.write_usage(ctx.command_path, usage, prefix=say(mark("Usage:")) + " ")
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(say(mark("Examples:")) + "\n")
            formatter.write("".join(f"  {line}\n" if line else "\n" for line in say(self.epilog).split("\n")))
        self.format_commands_of(ctx, formatter)
        own = _records(self.own_params, ctx, say)
        if own:
            with formatter.section(say(mark("Options"))):
                formatter.write_dl(own)
        if ctx.parent is not None:
            formatter.write_paragraph()
            formatter.write_text(say(mark("Options of every command (--json, --at, --profile ...): wacli --help")))
            return
        shared = _records([param for param in self.params if param not in self.own_params], ctx, say)
        with formatter.section(say(mark("Options of every command, before or after it"))):
            formatter.write_dl([*shared, ("--help", say(mark("help on a command")))])

    def format_commands_of(self, ctx: Any, formatter: Any) -> None:
        """The commands of a group; nothing for a command."""


def _records(params: Sequence[Any], ctx: Any, say: Callable[[str], str]) -> list[tuple[str, str]]:
    def record(param: Any) -> tuple[str, str] | None:
        told = getattr(param, "help", None)
        if not told:
            return param.get_help_record(ctx)  # type: ignore[no-any-return]
        param.help = say(told)  # for as long as it is written: the next reader may have another language
        try:
            return param.get_help_record(ctx)  # type: ignore[no-any-return]
        finally:
            param.help = told

    records = map(record, params)
    required = say(mark("required"))
    return [(names, text.replace("[required]", f"[{required}]")) for names, text in filter(None, records)]


class Command(_Shared, TyperCommand):
    """A command with the global options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["rich_markup_mode"] = None  # plain help: half the start-up, and it pipes as it looks
        super().__init__(*args, **kwargs)
        self._add_global_options()


class Group(_Shared, TyperGroup):
    """A noun with verbs. Called without a verb it shows its help and ends with 2, as a wrong usage."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["rich_markup_mode"] = None
        super().__init__(*args, **kwargs)
        self._add_global_options()

    def format_commands_of(self, ctx: Any, formatter: Any) -> None:
        say = ctx.find_root().obj.words.say
        rows = [
            (name, say(command.help).split("\n")[0] if command.help else "")
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        with formatter.section(say(mark("Commands"))):
            formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command named by the first argument. Raises `Invalid` with the nearest names for another."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx), n=3)
            path = ctx.command_path
            hint = (
                t("Did you mean {names}?", names=", ".join(f"{path} {name}" for name in near))
                if near
                else t("See {command} --help", command=path)
            )
            raise Invalid("no-such-command", t("There is no command {name}", name=f"{path} {args[0]}"), hint)
        return super().resolve_command(ctx, args)


class Entry(NamedTuple):
    """One top-level command: where it lives, its chapter in the help, what it does in one line."""

    name: str
    module: str
    attribute: str
    chapter: str
    summary: str


class LazyGroup(Group):
    """The front door. A command's module is imported when the command is called; help needs none of them."""

    entries: tuple[Entry, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._built: dict[str, Any] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """All top-level names, in the order of the help."""
        return [entry.name for entry in self.entries]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Imports and builds the one command that was named; the parser asks for it twice."""
        if cmd_name not in self._built:
            self._built[cmd_name] = self._build(cmd_name)
        return self._built[cmd_name]

    def _build(self, cmd_name: str) -> Any:
        entry = next((entry for entry in self.entries if entry.name == cmd_name), None)
        if entry is None:
            return None
        made = getattr(import_module(f"wacli.cli.commands.{entry.module}"), entry.attribute)
        if not isinstance(made, typer.Typer):
            app = typer.Typer(add_completion=False)
            app.command(entry.name, cls=Command, help=entry.summary, epilog=_examples(made))(made)
            made = app
        command = typer.main.get_command(made)
        command.name = entry.name
        if command.help is None:
            command.help = entry.summary
        return command

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Names from the table: the parser's own way imports every command to ask whether it is hidden."""
        from typer.core import CompletionItem  # type: ignore[attr-defined]  # typer has no public name for it

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        say = ctx.find_root().obj.words.say
        found = (entry for entry in self.entries if entry.name.startswith(incomplete))
        return [CompletionItem(entry.name, help=say(entry.summary)) for entry in found]

    def format_commands_of(self, ctx: Any, formatter: Any) -> None:
        """Chapters of one-line summaries, from the table and without importing a command."""
        say = ctx.find_root().obj.words.say
        for chapter in dict.fromkeys(entry.chapter for entry in self.entries):
            with formatter.section(say(chapter)):
                formatter.write_dl(
                    [(entry.name, say(entry.summary)) for entry in self.entries if entry.chapter == chapter]
                )


def _examples(function: Callable[..., object]) -> str | None:
    return getattr(function, "examples", None)


def examples(*lines: str) -> Callable[[Any], Any]:
    """Gives a command its examples, shown in its help. Commands are not translated; they are typed as they stand."""

    def attach(function: Any) -> Any:
        function.examples = "\n".join(lines)
        return function

    return attach


def options_typed(ctx: Any) -> list[str]:
    """The command's own options that stand on the command line, as they are spelled there (`--no-away`, if it was)."""
    typed = []
    for param in ctx.command.own_params:
        source = ctx.get_parameter_source(param.name)
        if source is not None and source.name == "COMMANDLINE":
            names = param.secondary_opts if ctx.params[param.name] is False and param.secondary_opts else param.opts
            typed.append(names[0])
    return typed


def group(summary: str) -> typer.Typer:
    """A noun with verbs, for a module of `wacli.cli.commands`."""
    return typer.Typer(cls=Group, help=summary, add_completion=False, no_args_is_help=False)
