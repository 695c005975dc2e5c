"""`wacli completion SHELL`: the shell asks wacli itself what can stand at the cursor; the parser does the rest."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from ..options import COMPLETE_VARIABLE, examples
from ..session import Session

SHELLS = ("bash", "zsh", "fish")


@examples(
    'eval "$(wacli completion bash)"        # in ~/.bashrc',
    'eval "$(wacli completion zsh)"         # in ~/.zshrc, after compinit',
    "wacli completion fish > ~/.config/fish/completions/wacli.fish",
)
def script(ctx: typer.Context, shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish")]) -> None:
    """Prints the script that lets the shell complete commands and options."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    session: Session = ctx.obj
    if shell not in SHELLS:
        raise Invalid(
            "no-such-shell",
            t("There is no completion for {shell}", shell=shell),
            t("Choose one of {choices}", choices=", ".join(SHELLS)),
        )
    made = get_completion_script(prog_name="wacli", complete_var=COMPLETE_VARIABLE, shell=shell)
    session.context.out.write(made + "\n")
