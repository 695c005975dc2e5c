"""Remarks and troubles from several threads on one stderr: whole lines, and the same trouble not over and over."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wacli.domain.problem import Problem
from wacli.domain.text import Text

if TYPE_CHECKING:
    from .session import Session

_SAME_AGAIN_AFTER = timedelta(minutes=1)


class Teller:
    """Tells on behalf of whichever thread calls."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], datetime] = {}

    def tell(self, *sentences: Text) -> None:
        """Remarks; silent with --quiet."""
        with self._lock:
            self._session.tell(*sentences)
            self._session.context.err.flush()

    def trouble(self, problem: Problem) -> None:
        """What went wrong; the very same again only after a minute."""
        with self._lock:
            now = self._session.context.now()
            self._told = {key: at for key, at in self._told.items() if now - at < _SAME_AGAIN_AFTER}
            key = (problem.code, str(problem.message))
            if key not in self._told:
                self._told[key] = now
                self._session.report(problem)
                self._session.context.err.flush()
