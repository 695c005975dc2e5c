"""The thread that lets things happen on time and posts webhooks while the sandbox listens."""

from __future__ import annotations

import threading

from .engine import Engine


class Worker:
    """The thread that lets things happen on time and posts webhooks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wakes = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._engine.agenda.wake = self._engine.courier.wake = self._wakes.set
        self._thread.start()

    def stop(self) -> None:
        """End, after the post that is under way."""
        self._is_stopping = True
        self._wakes.set()
        self._thread.join(timeout=15)
        self._engine.agenda.wake = self._engine.courier.wake = lambda: None

    def _run(self) -> None:
        while not self._is_stopping:
            self._wakes.clear()
            self._engine.agenda.run_due()
            retry_in = self._engine.courier.flush()
            due = self._engine.agenda.next_due()
            due_in = None if due is None else self._engine.clock.real_seconds_until(due)
            waits = [one for one in (retry_in, due_in) if one is not None]
            # A clock whose speed is changed does not wake us: look again at least twice a second.
            self._wakes.wait(min([0.5, *waits]))
