"""What could not be read in somebody else's file, with its place; everything else was read (issue 8, "Bad input")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .text import Text, tn

_HARMLESS = frozenset({"not-utf8"})  # everything was read


class Finding(NamedTuple):
    """Something in a file that could not be read as it should be; the rest was read."""

    line: int  # from 1; 0 when it is about the file as a whole
    code: str
    message: Text


@dataclass(slots=True)
class Findings:
    """Findings of one file, bounded: the first of each code are kept, the others counted."""

    kept: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    keep_at_most: int = 20

    def add(self, line: int, code: str, message: Text) -> None:
        """Records one finding, or only counts it when there are many of its code."""
        count = self.counts.get(code, 0) + 1
        self.counts[code] = count
        if count <= self.keep_at_most:
            self.kept.append(Finding(line, code, message))

    def add_all(self, others: Findings) -> None:
        """Records what somebody else has found in another part of the file, or in another process."""
        for finding in others.kept:
            if self.counts.get(finding.code, 0) < self.keep_at_most:
                self.kept.append(finding)
        for code, count in others.counts.items():
            self.counts[code] = self.counts.get(code, 0) + count

    @property
    def are_harmless(self) -> bool:
        """True when everything was read all the same."""
        return all(code in _HARMLESS for code in self.counts)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.kept)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def unlisted(self) -> Iterator[Text]:
        """One sentence for each code of which not all are listed."""
        for code, count in self.counts.items():
            if count > self.keep_at_most:
                yield tn(
                    "{count} more like it ({code})",
                    "{count} more like it ({code})",
                    count - self.keep_at_most,
                    code=code,
                )
