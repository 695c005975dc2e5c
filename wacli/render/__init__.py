"""Results become words, tables and data. No decisions."""
