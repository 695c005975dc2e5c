"""Files that other programs wrote, read into domain types."""
