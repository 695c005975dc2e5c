"""`wacli listen --print-systemd`: a unit file that keeps `listen` running, with as few rights as it needs.

It may write the folder of the store and read the rest of the system; it gets no new privileges, no devices, no other
address families than the Internet's. Paths are made absolute: systemd knows no current folder.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

_HARDENING = (
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectControlGroups=yes",
    "ProtectProc=invisible",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "RemoveIPC=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
)


def program() -> list[str]:
    """The command line that runs this very wacli."""
    script = Path(sys.argv[0])
    if script.name == "wacli" and script.is_file():
        return [str(script.absolute())]
    return [sys.executable, "-m", "wacli"]


def unit_file(
    profile: str, argv: Sequence[str], environment: Sequence[tuple[str, str]], writable: Sequence[str]
) -> str:
    """The unit. `argv`: program and arguments; `writable`: the folders it may write to."""
    lines = [
        "[Unit]",
        f"Description=wacli listen ({_plain(profile)}): WhatsApp notifications",
        "After=network-online.target",
        "Wants=network-online.target",
        "",
        "[Service]",
        "Type=exec",
        f"User={getpass.getuser()}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in environment),
        f"ExecStart={' '.join(_quoted(word).replace('$', '$$') for word in argv)}",  # elsewhere $ is itself
        "Restart=always",
        "RestartSec=2",
        "KillSignal=SIGTERM",
        "TimeoutStopSec=60",
        "LimitNOFILE=4096",
        *_HARDENING,
        *(f"ReadWritePaths={_quoted(path)}" for path in writable),
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("%", "%%").replace("\n", " ")


def _quoted(text: str) -> str:
    """A word as systemd reads it: quoted where it must be; % stands for itself."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{text}"' if any(char in text for char in " \t\"'\\;") else text
