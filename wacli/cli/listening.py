"""What `wacli listen` is put together from: secrets, threads, signals, and the lines it prints."""

from __future__ import annotations

import secrets as dice
import signal
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t, tn

from .absence import Absence, add_absence
from .chores import add_chores
from .config import config_folder
from .event_lines import Lines, write_lines
from .secrets import find_secret, keep_secret
from .teller import Teller
from .unit_file import program, unit_file

if TYPE_CHECKING:
    from wacli.cloudapi.forward import Target
    from wacli.cloudapi.serving import Server
    from wacli.domain.event_kind import EventKind
    from wacli.services.listening import Listener, Tally

    from .session import Session

_LOOK_S = 0.5


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

    target = Target(wishes.forward_to, allows_plain=wishes.allows_http)
    if target.origin.is_loopback and target.origin.port == wishes.port:
        raise Invalid(
            "bad-url",
            t("{url} is the address that wacli listens at itself", url=target.shown),
            t("Forward to another port"),
        )
    return target


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
        add_chores(session, listener, teller)
        door = Door(listener.keep, path=wishes.path, verify_token=secrets.verify_token, app_secret=secrets.app_secret)
        with _signals() as stop, serve_in_thread(door, wishes.host, wishes.port) as server:
            listener.start()
            teller.tell(
                t("Listening at {url} for profile {profile} until Ctrl-C",
                  url=f"{server.url}{wishes.path}", profile=session.profile.name)
            )  # fmt: skip
            has_ended = _is_over_by_itself(session, server, listener, lines, stop)
    finally:
        tally = listener.stop()
        if target is not None:
            target.close()
    if lines is not None and lines.dropped:
        said = tn("{count} event was not shown", "{count} events were not shown", lines.dropped)
        teller.tell(t("{said}: nobody read fast enough", said=said))
    if has_ended:
        raise Unavailable("receiver-ended", t("The receiver has ended by itself"), t("Start it again: wacli listen"))
    return tally


def _is_over_by_itself(
    session: Session, server: Server, listener: Listener, lines: Lines | None, stop: threading.Event
) -> bool:
    """Waits, and shows what comes, until somebody asks to stop or enough was shown; then ends in good order.

    True when nobody asked: the server has ended.
    """

    def finish() -> None:
        server.stop()  # answers and commits what is under way
        listener.stop()  # applies it

    if lines is None:
        while server.is_running and not stop.wait(_LOOK_S):
            pass
    else:
        write_lines(session, lines.until(stop, lambda: server.is_running, finish, session.limit or 0))
    is_broken = not server.is_running
    finish()
    return is_broken and not stop.is_set()


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM ask to stop, by the event; asking a second time interrupts."""
    stop = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
