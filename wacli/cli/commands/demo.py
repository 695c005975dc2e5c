"""`wacli demo`: a complete tour in one command, on this machine alone, with the commands a shop owner would type.

The sandbox plays WhatsApp, the receiver takes in its signed webhooks, and each step is a real wacli command run
through the same front door. Without `--keep` everything happens in a folder that is gone afterwards.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Refused
from wacli.domain.text import Text, mark, t

from ..config import config_path, read_config
from ..config_file import add_profile, remove_profile, set_value
from ..exits import ExitStatus
from ..options import examples
from ..secrets import keep_secret
from ..session import Session

if TYPE_CHECKING:
    from wacli.sandbox.sandbox import Sandbox

PROFILE = "demo"
SANDBOX_PORT = 4400
_SETTLE_SECONDS = 6.0  # deliveries and Sari's answer take about two and a half


@examples("wacli demo", "wacli demo --keep", "wacli demo --lang id")
def tour(
    ctx: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help=mark("leave the profile “demo” to play with"))] = False,
) -> ExitStatus:
    """Shows everything that matters in under fifteen seconds; needs no account and reaches nobody."""
    session: Session = ctx.obj
    with _home(session, keep) as environment:
        return _Tour(session, environment, keep).run()


@contextmanager
def _home(session: Session, keep: bool) -> Iterator[dict[str, str]]:
    """The environment of the tour: the owner's own configuration with --keep, else a folder that is thrown away."""
    environment = dict(session.context.environment) | {"WACLI_PROFILE": PROFILE}
    for name in ("WACLI_TOKEN", "WACLI_APP_SECRET", "WACLI_VERIFY_TOKEN"):
        environment.pop(name, None)  # the owner's secrets have no business in a tour
    if keep:
        environment.pop("WACLI_DB", None)
        yield environment
        return
    folder = tempfile.mkdtemp(prefix="wacli-demo-")
    try:
        yield environment | {"WACLI_CONFIG": folder, "WACLI_DB": str(Path(folder) / "demo.db")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Tour:
    """The steps, and what they share."""

    def __init__(self, session: Session, environment: dict[str, str], keep: bool) -> None:
        self.session = session
        # A refusal is part of the tour: it belongs between the steps, also when both are piped.
        self.context = session.context._replace(environment=environment, err=session.context.out)
        self.keep = keep
        self.inner = Session(self.context)
        self.inner.options.profile = PROFILE
        self.worst = ExitStatus.DONE

    def run(self) -> ExitStatus:
        from wacli.cloudapi.receiver import Door, each
        from wacli.cloudapi.serving import serve_in_thread
        from wacli.sandbox.world import demo_world
        from wacli.services.inbound import receive
        from wacli.store.database import open_store

        sandbox = demo_world(self.context.now())
        base_url = self._start(sandbox)
        try:
            self._set_up(sandbox, base_url)
            path = self.inner.store_path
            open_store(path, create=True).close()

            def keep_raw(raw: bytes) -> None:
                with open_store(path, create=False) as store:
                    receive(store, raw, self.context.now())

            account = sandbox.account
            door = Door(each(keep_raw), verify_token=account.verify_token, app_secret=account.app_secret)
            with serve_in_thread(door, "127.0.0.1") as server:
                account.callback_url = f"{server.url}/webhook"
                self._steps(sandbox)
        finally:
            sandbox.stop()
        self._farewell()
        return self.worst

    def _start(self, sandbox: Sandbox) -> str:
        """The usual port for a shop that stays; any free one where that is taken: the profile remembers it."""
        try:
            return sandbox.start(SANDBOX_PORT if self.keep else 0)
        except OSError:
            return sandbox.start(0)

    def _set_up(self, sandbox: Sandbox, base_url: str) -> None:
        path, account = config_path(self.context.environment), sandbox.account
        if PROFILE in read_config(path).profiles:
            if read_config(path).profiles[PROFILE].get("kind") != "sandbox":
                raise Refused(
                    "profile-exists",
                    t("Profile {name} is a real one; the demo does not touch it", name=PROFILE),
                    t("Run wacli demo without --keep"),
                )
            store = self.inner.store_path  # while the profile still says where that is
            remove_profile(path, PROFILE)
            for end in ("", "-wal", "-shm"):
                store.with_name(store.name + end).unlink(missing_ok=True)
        values = {
            "kind": "sandbox",
            "phone_number_id": account.numbers[0].id,
            "waba_id": account.waba_id,
            "country": "ID",
            "time_zone": "Asia/Jakarta",
            "api_base": base_url,
        }
        had_default = read_config(path).default_profile
        add_profile(path, PROFILE, values)
        if self.keep and had_default is None:
            set_value(path, PROFILE, "kind", "sandbox")
        keep_secret(PROFILE, "token", account.token, self.context.environment)
        keep_secret(PROFILE, "app_secret", account.app_secret, self.context.environment)
        keep_secret(PROFILE, "verify_token", account.verify_token, self.context.environment)

    def _steps(self, sandbox: Sandbox) -> None:
        self._tell(t("1. Seven customers write to the shop: one through an ad, one calls, one wrote days ago."))
        self._take_in(sandbox)
        self._type("threads")
        self._tell(t("2. Answer Sari: her window is open and the reply is free."))
        self._type("reply", "Sari", "Masih ada kak! Kami siapkan untuk besok pagi.")
        self._tell(t("3. Answer Budi, who came through an ad: from now on everything to him is free for days."))
        self._type("reply", "Budi", "Buket wisuda mulai Rp75.000. Mau yang mana?")
        self._tell(t("4. Agus wrote five days ago. A free answer is refused before anything is sent ..."))
        self._type("templates", "pull")
        self._type("reply", "Agus", "Pesanan sudah siap!", expected=ExitStatus.REFUSED)
        self._tell(t("... so he gets a template, and its price is known beforehand."))
        self._type("can", "Agus", "--template", "order_ready", expected=ExitStatus.COSTS)
        self._type("send", "order_ready", "Agus", "name=Agus", "order=A-104")
        self._tell(t("5. Deliveries and answers come back. The board at the end:"))
        sandbox.settle(_SETTLE_SECONDS)
        self._take_in(sandbox)
        self._type("threads")

    def _take_in(self, sandbox: Sandbox) -> None:
        from wacli.services.inbound import apply_pending
        from wacli.store.database import open_store

        sandbox.drain()
        with open_store(self.inner.store_path, create=False) as store:
            apply_pending(store, self.context.now())

    def _type(self, *argv: str, expected: ExitStatus = ExitStatus.DONE) -> None:
        from ..app import run

        options = self.session.options
        shared = ["--lang", options.lang] if options.lang else []
        if options.color:
            shared += ["--color", options.color]
        if options.format is None:
            shared += ["--format", "table"]  # a tour is for reading, also through a pipe
        self._line("\n$ wacli " + shlex.join(argv))
        self.context.out.flush()
        status = run([*argv, *shared], self.context)
        self.context.out.flush()
        self.context.err.flush()
        if status != expected:
            self.worst = ExitStatus.FAILED

    def _farewell(self) -> None:
        if self.keep:
            self._say(
                t("The profile “demo” stays. Try: wacli -p demo threads; wacli -p demo can Sari"),
                t("To send more, start the sandbox in another terminal: wacli -p demo sandbox"),
            )
        else:
            self._say(
                t("That was a throw-away shop; nothing is left of it. To keep one to play with: wacli demo --keep")
            )
        self._say(
            t("What a month would cost: wacli estimate --to ID --marketing 1000 --service 3000"),
            t("Your own number: wacli setup"),
        )

    def _say(self, *sentences: Text) -> None:
        self._line("")
        for sentence in sentences:
            self._line(self.session.say(sentence), is_strong=True)

    def _tell(self, sentence: Text) -> None:
        """A step of the story, broken between words where somebody reads it on a terminal. What there is to type is
        never broken (`_say`): it must survive being copied."""
        from wacli.render.chat_view import wrapped

        self._line("")
        for line in wrapped(self.session.say(sentence), self.context.width if self.context.out_is_terminal else 0):
            self._line(line, is_strong=True)

    def _line(self, text: str, *, is_strong: bool = False) -> None:
        from wacli.render.table import paint
        from wacli.render.view import Cell, Style

        style = Style.STRONG if is_strong else Style.DIM
        self.context.out.write(paint(Cell(text, style), self.session.colour and bool(text)) + "\n")
