"""The WhatsApp Cloud API: webhook JSON to events, commands to request bodies, the client, the receiver."""
