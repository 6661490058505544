"""Recordings on their way here in pieces, by the open protocol tus 1.0: docs/decisions/0016-uploads-in-pieces.md."""
