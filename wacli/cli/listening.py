"""What `wacli listen` is put together from: secrets, threads, signals, and the lines it prints."""

from __future__ import annotations

import secrets as dice
import signal
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any, NamedTuple

from wacli.domain.event_kind import EventKind, kind_of
from wacli.domain.problem import Invalid
from wacli.domain.text import t
from wacli.render.emit import Format

from .absence import Absence, add_absence
from .chores import chores_of
from .config import config_folder
from .secrets import find_secret, keep_secret
from .teller import Teller
from .unit_file import program, unit_file

if TYPE_CHECKING:
    from wacli.cloudapi.forward import Target
    from wacli.render.event_view import Happening
    from wacli.services.inbound import Applied
    from wacli.services.listening import Tally

    from .session import Session

_MOST_UNPRINTED = 10_000
_LOOK_S, _GLANCE_S = 0.5, 0.2


class Wishes(NamedTuple):
    """What was typed. `kinds` None: every event."""

    host: str
    port: int
    path: str
    forward_to: str | None
    allows_http: bool
    kinds: Set[EventKind] | None
    prints: bool


class Secrets(NamedTuple):
    """What a webhook is verified with."""

    app_secret: str
    verify_token: str
    is_token_new: bool


def target_of(wishes: Wishes) -> Target | None:
    """Where to pass notifications on to. Raises `Invalid` for an address that will not do, or our own."""
    if wishes.forward_to is None:
        return None
    from wacli.cloudapi.forward import Target

    return Target(wishes.forward_to, allows_plain=wishes.allows_http)


def secrets_of(session: Session, *, is_dry: bool) -> Secrets:
    """The profile's app secret and verify token; a token is made, kept and shown when there is none.

    Raises `Invalid` (`no-app-secret`) when nothing could tell Meta's notifications from anybody else's.
    """
    profile, environment = session.profile, session.context.environment
    app_secret = find_secret(profile, "app_secret", environment)
    if app_secret is None:
        raise Invalid(
            "no-app-secret",
            t("Profile {profile} has no app secret, so nobody could tell Meta's notifications from forged ones",
              profile=profile.name),
            t("Keep it (app dashboard, App settings, Basic): wacli -p {profile} profiles token --which app_secret",
              profile=profile.name),
        )  # fmt: skip
    token = find_secret(profile, "verify_token", environment)
    if token is not None:
        return Secrets(app_secret, token, is_token_new=False)
    token = dice.token_urlsafe(24)
    if not is_dry:
        keep_secret(profile.name, "verify_token", token, environment)
        session.warn([t("A new verify token, to be typed in Meta's app dashboard: {token}", token=token)])
    return Secrets(app_secret, token, is_token_new=True)


def say_unit_file(session: Session, wishes: Wishes, events: str | None, absence: Absence) -> None:
    """Prints the unit; it holds no secret."""
    argv = [*program(), "-p", session.profile.name, "listen", "--host", wishes.host, "--port", str(wishes.port)]
    argv += ["--path", wishes.path]
    if wishes.forward_to is not None:
        argv += ["--forward-to", wishes.forward_to]
    if wishes.allows_http:
        argv.append("--allow-http")
    if events is not None:
        argv += ["--events", events]
    argv += absence.options
    store = session.store_path.absolute()
    writable = [str(store.parent), f"-{config_folder(session.context.environment).absolute()}"]  # -: if it is there
    kept = session.context.environment
    known = [(name, kept[name]) for name in ("WACLI_CONFIG", "WACLI_LANG") if kept.get(name)]
    environment = [*known, ("WACLI_DB", str(store))]
    session.context.out.write(unit_file(session.profile.name, argv, environment, writable))


def listen_until_stopped(
    session: Session, wishes: Wishes, secrets: Secrets, target: Target | None, absence: Absence
) -> Tally:
    """Receives until SIGINT or SIGTERM (or until `--limit` events were shown), then ends in good order.

    Raises `OSError` when the address cannot be used.
    """
    from wacli.cloudapi.receiver import Door
    from wacli.cloudapi.serving import serve_in_thread
    from wacli.services.forwarding import Forwarding
    from wacli.services.listening import Listener

    stop = threading.Event()
    lines = Lines(wishes.kinds) if wishes.prints else None
    teller = Teller(session)
    listener = Listener(
        session.store_path,
        session.context.now,
        teller.trouble,
        on_applied=(lambda _: None) if lines is None else lines.put,
        forwards_headers=target is not None,
    )
    try:
        if target is not None:
            forwarding = Forwarding(listener.open(), target, wishes.kinds, teller.trouble, listener.stopping)
            listener.add_rounds(forwarding.chore(), wakes_on_arrival=True)
        add_absence(session, absence, listener, teller)
        listener.add_rounds(*chores_of(listener.open()))
        door = Door(listener.keep, path=wishes.path, verify_token=secrets.verify_token, app_secret=secrets.app_secret)
        with _signals(stop), serve_in_thread(door, wishes.host, wishes.port) as server:
            listener.start()
            teller.tell(
                t("Listening at {url} for profile {profile} until Ctrl-C",
                  url=f"{server.url}{wishes.path}", profile=session.profile.name)
            )  # fmt: skip

            def finish() -> None:
                server.stop()  # answers and commits what is under way
                listener.stop()  # applies it

            if lines is None:
                while server.is_running and not stop.wait(_LOOK_S):
                    pass
            else:
                _print(session, lines.until(stop, lambda: server.is_running, finish, session.limit or 0))
            finish()
    finally:
        tally = listener.stop()
        if target is not None:
            target.close()
    return tally


class Lines:
    """Events on their way from the thread that applies them to the one that prints."""

    def __init__(self, kinds: Set[EventKind] | None) -> None:
        self._kinds = kinds
        self._queue: Queue[Happening] = Queue(_MOST_UNPRINTED)
        self.dropped = 0

    def put(self, done: Sequence[Applied]) -> None:
        """Takes what was applied. Where nobody reads, the latest are not shown: the receiving goes on."""
        from wacli.render.event_view import Happening

        for one in done:
            for event in one.events:
                if self._kinds is None or kind_of(event) in self._kinds:
                    try:
                        self._queue.put_nowait(Happening(one.id, event))
                    except Full:
                        self.dropped += 1

    def until(
        self, stop: threading.Event, is_running: Callable[[], bool], finish: Callable[[], None], limit: int
    ) -> Iterator[Happening]:
        """Each event as it comes, until `stop` or (where not 0) `limit` of them; then what `finish` still applies."""
        shown = 0
        while is_running() and not stop.is_set():
            try:
                yield self._queue.get(timeout=_GLANCE_S)
            except Empty:
                continue
            shown += 1
            if limit and shown >= limit:
                return
        finish()
        while not self._queue.empty():
            yield self._queue.get_nowait()


def _print(session: Session, items: Iterator[Happening]) -> None:
    """Lines for people on a terminal, one object a line for scripts, each as soon as it is there."""
    from wacli.render.emit import write_listing
    from wacli.render.event_view import happening_line, happening_listing

    out, page = session.context.out, session.page
    if session.options.format is None and session.options.fields is None and not session.context.out_is_terminal:
        page = page._replace(format=Format.NDJSON)
    if page.format is Format.TABLE:
        for item in items:
            out.write(happening_line(item, session.words, session.context.width, session.colour) + "\n")
            out.flush()
        return

    def flushed() -> Iterator[Happening]:
        for item in items:
            yield item
            out.flush()

    write_listing(happening_listing(flushed(), session.words), page)


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGINT and SIGTERM ask to stop; asking a second time interrupts."""

    def ask(_number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
