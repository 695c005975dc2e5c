"""Dated facts of others: rate cards, pricing rules and markets, and their strict loader."""
