"""Webhook bodies as Meta writes them. Every shape is built here once: for simulated customers and for `trigger`."""
