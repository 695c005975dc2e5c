"""The way in. `--version` is answered before anything heavy is imported."""

import sys

from wacli import __version__


def main() -> None:
    """Console script: runs the command line and ends the process with its status."""
    argv = sys.argv[1:]
    if argv in (["--version"], ["-V"]):
        sys.stdout.write(f"wacli {__version__}\n")
        return
    from wacli.cli.app import run
    from wacli.cli.context import process_context

    sys.exit(run(argv, process_context()))


if __name__ == "__main__":
    main()
