"""wacli: WhatsApp for a small business, in the terminal. See README.md; the rooms are described in each package."""

__version__ = "0.1.0"
