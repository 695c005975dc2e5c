"""A local Cloud API: Graph endpoints, templates, windows, delivery, signed webhooks, faults on demand.

Start at `sandbox.Sandbox`. Nothing here is imported by a command that does not start the sandbox.
"""
