"""What marks a file as ours: apart from `database`, so that the migrations need not import who calls them."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x57434C49  # "WCLI"
