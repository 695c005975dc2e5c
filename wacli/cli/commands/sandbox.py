"""`wacli sandbox`: a local WhatsApp Cloud API to practise on."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from wacli.domain.problem import Unavailable
from wacli.domain.text import mark, t

from ..options import examples
from ..session import Session
from .demo import SANDBOX_PORT


@examples(
    "wacli sandbox",
    "wacli -p demo sandbox   # the shop that `wacli demo --keep` left",
    "wacli sandbox --callback-url http://127.0.0.1:8080/webhook",
)
def serve(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option("--port", metavar="N", help=mark("the port on 127.0.0.1"))] = None,
    callback_url: Annotated[
        str | None, typer.Option("--callback-url", metavar="URL", help=mark("where its webhooks go"))
    ] = None,
    speed: Annotated[float, typer.Option("--speed", metavar="X", help=mark("how much faster its clock runs"))] = 1.0,
) -> None:
    """Runs until Ctrl-C; reaches nobody outside this machine."""
    from wacli.sandbox.sandbox import serve as run
    from wacli.sandbox.world import demo_world

    session: Session = ctx.obj
    sandbox = demo_world(session.context.now(), speed=speed)
    account, profile = sandbox.account, session.profile
    if profile["kind"] == "sandbox":  # the profile already knows these ids
        account.waba_id = profile["waba_id"] or account.waba_id
        account.numbers[0].id = profile["phone_number_id"] or account.numbers[0].id
        port = port or urlsplit(profile["api_base"] or "").port
    account.callback_url = callback_url

    def on_ready(base_url: str) -> None:
        session.tell(
            t("The sandbox answers at {url} until Ctrl-C", url=base_url),
            t("Number id {number}, account id {account}, token {token}",
              number=account.numbers[0].id, account=account.waba_id, token=account.token),
            t("Its book of everything accepted: {url}/_sandbox/book", url=base_url),
        )  # fmt: skip

    try:
        run(sandbox, "127.0.0.1", port or SANDBOX_PORT, on_ready=on_ready)
    except OSError as error:
        raise Unavailable(
            "port-taken",
            t("Port {port} cannot be used: {reason}", port=port or SANDBOX_PORT, reason=error.strerror or str(error)),
            t("Choose another: wacli sandbox --port 4401"),
        ) from None
