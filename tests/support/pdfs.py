"""PDF files with words in them: plain, locked with a password, cut off, scanned."""

from __future__ import annotations

from pathlib import Path


def write_pdf(path: Path, *lines: str, password: str | None = None) -> Path:
    """A PDF of one page that says these lines."""
    from fpdf import FPDF

    pdf = FPDF()
    if password is not None:
        pdf.set_encryption(owner_password="owner", user_password=password)
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    for line in lines:
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
    return path


def write_scan(path: Path) -> Path:
    """A PDF without any text."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 50, 50)
    pdf.output(str(path))
    return path


def write_broken(path: Path) -> Path:
    """A PDF whose end is missing."""
    whole = write_pdf(path, "x").read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    return path
