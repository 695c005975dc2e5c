"""The smallest files of each kind that WhatsApp takes, by their first bytes."""

from __future__ import annotations

import base64

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
PDF = b"%PDF-1.4\n" + bytes(64)
WEBP = b"RIFF" + bytes(4) + b"WEBPVP8 " + bytes(64)
MP4 = bytes(4) + b"ftypisom" + bytes(64)
MP3 = b"ID3" + bytes(64)
OPUS = b"OggS" + bytes(24) + b"OpusHead\x01\x01" + bytes(64)
OPUS_STEREO = b"OggS" + bytes(24) + b"OpusHead\x01\x02" + bytes(64)
