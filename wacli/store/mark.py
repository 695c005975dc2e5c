"""What tells a file of ours from any other, and one version of the schema from the next."""

from __future__ import annotations

APPLICATION_ID = 0x57434C49  # "WCLI", in the header of the file
SCHEMA_VERSION = 26  # the number of migrations in `migrations`; a test compares them
