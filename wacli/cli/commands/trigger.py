"""`wacli trigger EVENT`: a made-up notification, signed as Meta signs, posted to the receiver on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.message import Direction
from wacli.domain.problem import Invalid, Refused, Unavailable
from wacli.domain.text import Quantity, mark, t, tn

from ..config import is_loopback
from ..exits import ExitStatus
from ..options import examples
from ..secrets import find_secret
from ..session import Session
from ..stores import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from wacli.sandbox.book import Scene
    from wacli.sandbox.catalogue.changes import Setting
    from wacli.sandbox.catalogue.kind import Kind, Telling

RECEIVER = "http://127.0.0.1:8080/webhook"
_SOMEBODY = ("Sari Wulandari", "+6281234567890")  # the first customer of the demo
_NOBODY = ("Nobody at all", "+12025550143")  # a number kept for films: an answer to it reaches nobody
_MOST = 1_000_000
_PATIENCE_S = 10.0


_Event = Annotated[str | None, typer.Argument(metavar="EVENT", help=mark("what happens: see --list"))]
_Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=mark("change one value of it; repeatable"))
]
_Unsets = Annotated[
    list[str] | None, typer.Option("--unset", metavar="PATH", help=mark("leave one part out; repeatable"))
]
_To = Annotated[str, typer.Option("--to", metavar="URL", help=mark("the receiver"))]
_Sender = Annotated[
    str | None, typer.Option("--from", metavar="WHO", help=mark("whose notification it is: a number or a contact"))
]
_About = Annotated[
    str | None, typer.Option("--about", metavar="WAMID", help=mark("the earlier message that it is about"))
]
_Code = Annotated[int | None, typer.Option("--code", metavar="N", help=mark("the error code of a failure"))]
_Count = Annotated[int, typer.Option("--count", metavar="N", help=mark("so many, each with its own id"))]
_Prints = Annotated[bool, typer.Option("--print", help=mark("write the notification itself to stdout"))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("post nothing"))]
_Lists = Annotated[bool, typer.Option("--list", help=mark("every event there is"))]


@examples(
    "wacli trigger --list",
    'wacli trigger text --from "+62 812-3456-7890" --set text.body="Masih ada?"',
    "wacli trigger failed --code 131047",
    "wacli trigger order --dry-run --print",
    "wacli trigger text --count 1000",
)
def post(
    ctx: typer.Context,
    event: _Event = None,
    sets: _Sets = None,
    unsets: _Unsets = None,
    to: _To = RECEIVER,
    sender: _Sender = None,
    about: _About = None,
    code: _Code = None,
    count: _Count = 1,
    prints: _Prints = False,
    dry_run: _DryRun = False,
    lists: _Lists = False,
) -> ExitStatus:
    """Makes up one of Meta's notifications and posts it to the receiver, as if Meta had sent it."""
    from wacli.sandbox.catalogue.changes import Setting, read_setting
    from wacli.sandbox.catalogue.everything import find_kind, kinds

    session: Session = ctx.obj
    if lists:
        from wacli.render.trigger_view import EventRow, events_listing

        rows = [EventRow(chapter, kind.name, kind.sentence) for chapter, kind in kinds()]
        session.write_listing(events_listing(rows, session.words))
        return ExitStatus.DONE
    if event is None:
        raise Invalid("missing", t("No event was named"), t("See them all: wacli trigger --list"))
    if not 1 <= count <= _MOST:
        raise Invalid("bad-value", t("--count must be 1 to {most}", most=_MOST), t("Leave it out for one"))
    kind = find_kind(event)
    if code is not None and not kind.uses_code:
        raise Invalid(
            "no-code", t("{event} has no error code", event=kind.name), t("Say: wacli trigger failed --code N")
        )
    settings = [read_setting(one) for one in sets or ()] + [Setting(one, None) for one in unsets or ()]
    now = session.now if dry_run else session.real_now()
    maker = _Maker(session, kind, settings, sender, about, code, now)
    if not dry_run:
        _permit(session, kind, to)
    return _carry_out(session, maker, to, count, prints=prints, dry_run=dry_run)


def _carry_out(session: Session, maker: _Maker, to: str, count: int, *, prints: bool, dry_run: bool) -> ExitStatus:
    from wacli.render.trigger_view import Posted, posted_record

    secret = None if dry_run else _secret(session)
    posted = Posted(maker.kind.name, to)
    for _ in range(count):
        body, wamid = maker.body()
        if prints:
            session.context.out.write(body.decode("ascii") + "\n")
        posted.made(wamid, len(body))
        if secret is not None:
            posted.answered(_post(to, secret, body))
    if dry_run:
        session.tell(
            tn(
                "Nothing was posted; it would have been {count} notification “{event}” to {url}",
                "Nothing was posted; it would have been {count} notifications “{event}” to {url}",
                Quantity(count),
                event=maker.kind.name,
                url=to,
            )
        )
        return ExitStatus.DONE
    if not prints:
        session.write_record(posted_record(posted, session.words))
    if posted.accepted == count:
        return ExitStatus.DONE
    return ExitStatus.PARTLY if posted.accepted else ExitStatus.REMOTE


class _Maker:
    """Makes one body after the other."""

    def __init__(
        self, session: Session, kind: Kind, settings: Sequence[Setting], sender: str | None, about: str | None,
        code: int | None, now: datetime,
    ) -> None:  # fmt: skip
        self.kind, self._settings, self._about, self._code, self._now = kind, settings, about, code, now
        self._scene, self._last = _scene(session, sender, kind, now)

    def body(self) -> tuple[bytes, str]:
        """One body as Meta would write it, and the id of what it tells."""
        from wacli.sandbox.catalogue.changes import apply
        from wacli.sandbox.catalogue.everything import body_for, made_up_wamid
        from wacli.sandbox.payloads.envelope import escaped

        wamid = made_up_wamid()
        body = body_for(self.kind, self._telling(wamid))
        if self._settings:
            body = escaped(apply(json.loads(body), self._settings, self.kind.name))
        return body, wamid

    def _telling(self, wamid: str) -> Telling:
        from wacli.sandbox.catalogue.everything import made_up_wamid
        from wacli.sandbox.catalogue.kind import Telling

        about = self._about or self._last or made_up_wamid()
        template = next(iter(self._scene.account.templates))
        more = {} if self._code is None else {"code": self._code}
        return Telling(self._scene, self._now, wamid, about, template, **more)


def _scene(session: Session, sender: str | None, kind: Kind, now: datetime) -> tuple[Scene, str | None]:
    """Who it is about and on which number, as the store knows them; and the message that it may be about."""
    from wacli.domain.identity import is_bsuid, parse_phone
    from wacli.sandbox.catalogue.stage import account_of, customer_of, scene_of
    from wacli.services.made_up import Borrowed, borrow

    profile = session.profile
    name, phone = _SOMEBODY if profile["kind"] == "sandbox" else _NOBODY
    who = sender or phone
    direction = {None: None, "ours": Direction.OUTBOUND, "theirs": Direction.INBOUND}[kind.about]
    borrowed = Borrowed(None, None, None)
    with reading(session) as store:
        if store is not None:
            borrowed = borrow(store, profile["phone_number_id"], who, profile["country"], direction, now)
    account = account_of(profile["phone_number_id"], profile["waba_id"], borrowed.display, session.zone)
    contact = borrowed.contact
    if contact is not None:
        customer = customer_of(contact.label, contact.phone or _NOBODY[1], contact.bsuid, contact.username)
        return scene_of(account, customer, hides_phone=contact.phone is None, now=now), borrowed.last
    if is_bsuid(who):
        return scene_of(account, customer_of(who, _NOBODY[1], who), hides_phone=True, now=now), None
    customer = customer_of(name if sender is None else who, parse_phone(who, profile["country"]))
    return scene_of(account, customer, hides_phone=False, now=now), None


def _permit(session: Session, kind: Kind, to: str) -> None:
    """A real store must not fill with made-up messages by mistake. Raises Invalid or Refused."""
    if not to.startswith(("http://", "https://")):
        raise Invalid("bad-url", t("{url} is not a web address", url=to), t("Write it like {url}", url=RECEIVER))
    profile = session.profile
    if profile["kind"] == "sandbox" and is_loopback(to):
        return
    question = t("This goes to another machine: {url}. Post it there?", url=to)
    if profile["kind"] != "sandbox":
        question = t(
            "Profile {profile} is a real number: a made-up “{event}” will count in its store like a true one. Go on?",
            profile=profile.name,
            event=kind.name,
        )
    if not session.confirm(question):
        raise Refused("not-confirmed", t("Nothing was posted"))


def _secret(session: Session) -> str:
    """What the receiver checks signatures with. Raises Invalid where a real profile has none."""
    from wacli.sandbox.engine import DEFAULT_SECRET

    found = find_secret(session.profile, "app_secret", session.context.environment)
    if found is not None:
        return found
    if session.profile["kind"] == "sandbox":
        return DEFAULT_SECRET
    raise Invalid(
        "no-app-secret",
        t("Profile {profile} has no app secret to sign with", profile=session.profile.name),
        t("Keep it with wacli setup, or practise on the sandbox: wacli demo --keep"),
    )


def _post(to: str, secret: str, body: bytes) -> int:
    """The receiver's status. Raises Unavailable when nobody answers."""
    from wacli.sandbox.payloads.envelope import signature
    from wacli.sandbox.post import NoReply, request

    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": signature(secret, body),
    }
    try:
        return request("POST", to, headers, body, _PATIENCE_S).status
    except NoReply as why:
        raise Unavailable(
            "no-receiver",
            t("Nobody answers at {url}: {reason}", url=to, reason=str(why)),
            t("Start the receiver in another terminal: wacli listen"),
        ) from None
