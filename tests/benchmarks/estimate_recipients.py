"""A million recipients: ours against a bare csv.reader pass and a phonenumbers loop. Prints ratios of one run.

    python tests/benchmarks/estimate_recipients.py [ROWS]

CPU time of whole processes, compiled code, median of the ratios of runs side by side; a bare interpreter's start is
taken off each side.
The phonenumbers loop runs on a tenth of the rows and is multiplied. Targets: at most 3x csv.reader, at least 10x
faster than phonenumbers, below 80 MB, exact to the micro-unit.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
CODES = ["62"] * 6 + ["91", "55", "1", "44", "7", "966", "234", "49", "65", "82", "52", "54", "1809"]
NATIONAL = {"62": ("8", 11), "91": ("9", 10), "55": ("119", 11), "1": ("415", 10), "44": ("7", 10), "7": ("9", 10)}
NATIONAL |= {"966": ("5", 9), "234": ("80", 10), "49": ("15", 11), "65": ("8", 8), "82": ("10", 10), "52": ("55", 10)}
NATIONAL |= {"54": ("911", 11), "1809": ("55", 7)}

BARE = "pass"
READER = "import csv,sys\nwith open(sys.argv[1],newline='') as f:\n for row in csv.reader(f): pass"
OURS = """
import sys
from datetime import date
from pathlib import Path
from wacli.domain.category import Category
from wacli.ratecards.shelf import shelf
from wacli.services.estimate import estimate
from wacli.services.estimate_request import EstimateRequest
from wacli.services.recipients import count_recipients
ours = shelf()
found = count_recipients(Path(sys.argv[1]), ours.markets, country="ID")
request = EstimateRequest(found.traffic(Category.MARKETING), date(2026, 11, 22))
print(estimate(request, ours).total, found.rejected_count)
"""
PHONENUMBERS = """
import csv, sys, phonenumbers
with open(sys.argv[1], newline='') as f:
    rows = csv.DictReader(f)
    for row in rows:
        try:
            phonenumbers.is_valid_number(phonenumbers.parse(row['phone'], 'ID'))
        except phonenumbers.NumberParseException:
            pass
"""
EXACT = """
import csv, sys
from collections import Counter
from datetime import date
from decimal import Decimal
from wacli.domain.identity import parse_phone
from wacli.domain.problem import Invalid
from wacli.ratecards.shelf import shelf
ours, day, total, bad = shelf(), date(2026, 11, 22), Decimal(0), 0
card = ours.card_on(day, 'USD')
for row in csv.DictReader(open(sys.argv[1], newline='')):
    try:
        total += card.rate(ours.market_of(parse_phone(row['phone'], 'ID'), None, day), 'marketing').amount
    except Invalid:
        bad += 1
print(total, bad)
"""


def number(chance: random.Random) -> str:
    """One number as people write them; mixed forms, a few of them no numbers at all."""
    code = chance.choice(CODES)
    start, length = NATIONAL[code]
    national = start + "".join(chance.choices("0123456789", k=length - len(start)))
    form = chance.random()
    if form < 0.35:
        return f"+{code}{national}"
    if form < 0.65:
        return code + national
    if form < 0.80:
        return f"+{code} {national[:3]}-{national[3:7]}-{national[7:]}"
    if form < 0.90:
        return f"+{code} ({national[:3]}) {national[3:]}"
    if form < 0.94:
        return f"00{code}{national}"
    if form < 0.999:
        return f"0{national}" if code == "62" else f"+{code}{national}"
    return chance.choice(["", "unknown", "12"])


def write(file: Path, rows: int, *, wide: bool) -> None:
    """A file of that many rows, one column or three."""
    chance = random.Random(20261122)
    with file.open("w", encoding="utf-8") as out:
        out.write("name,phone,city\n" if wide else "phone\n")
        for place in range(rows):
            out.write(f"Customer {place},{number(chance)},Bandung\n" if wide else f"{number(chance)}\n")


def run(code: str, file: Path) -> tuple[float, float, str]:
    """CPU seconds, peak megabytes and output of a fresh interpreter running this code."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, code
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.strip()


def compare(folder: Path, rows: int, *, wide: bool) -> None:
    """Prints the ratios for one shape of file."""
    file, tenth = folder / "all.csv", folder / "tenth.csv"
    write(file, rows, wide=wide)
    write(tenth, rows // 10, wide=wide)
    run(OURS, file)  # compiles
    turns = [(run(BARE, file), run(READER, file), run(OURS, file)) for _ in range(7)]
    bare, reader, ours = (median(turn[side][0] for turn in turns) for side in range(3))
    times = median((turn[2][0] - turn[0][0]) / (turn[1][0] - turn[0][0]) for turn in turns)
    slow = (run(PHONENUMBERS, tenth)[0] - bare) * 10
    memory = max(turn[2][1] for turn in turns)
    exact = run(EXACT, tenth)[2] == run(OURS, tenth)[2]
    print(
        f"{'three columns' if wide else 'one column'}, {rows} rows: "
        f"csv.reader {reader - bare:.2f} s, ours {ours - bare:.2f} s"
    )
    print(f"  {times:.2f}x a bare csv.reader pass (at most 3)")
    print(f"  {slow / (ours - bare):.0f}x faster than a phonenumbers loop (at least 10)")
    print(f"  {memory:.0f} MB (below 80); total exact: {exact}")


def main() -> None:
    """Runs both shapes."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for wide in (False, True):
            compare(Path(folder), rows, wide=wide)


if __name__ == "__main__":
    main()
