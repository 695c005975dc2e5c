#!/usr/bin/env python3
"""The way in: `python -m wacli`, and installed as the command `wacli`. `--version` is answered before anything heavy
is imported.

Two things make every start cheaper (whole-process CPU of `threads --json`: 8.8x a bare interpreter without them, 6.7x
with): nothing made while importing is garbage, so the collector looks rarely; and a process
that is done leaves at once instead of taking its modules apart one by one.
"""

import sys

from wacli import __version__

SWEEPING = (100_000, 20, 20)  # how rarely the collector looks


def main() -> None:
    """Console script: runs the command line and ends the process with its status."""
    argv = sys.argv[1:]
    if argv in (["--version"], ["-V"]):
        sys.stdout.write(f"wacli {__version__}\n")
        _leave(0)
    import gc

    gc.set_threshold(*SWEEPING)
    from wacli.cli.app import run
    from wacli.cli.context import process_context

    status = run(argv, process_context())
    _leave(status)


def _leave(status: int) -> None:
    """Ends the process. Open files were closed by whoever opened them; what is left in a stream is written out."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # the reader went away, or the stream was closed because it had
            continue
    threading = sys.modules.get("threading")
    if sys.gettrace() is not None or (threading is not None and threading.active_count() > 1):
        sys.exit(status)  # somebody is still at work, or is measuring us: the long way
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    os._exit(status)


if __name__ == "__main__":
    main()
