"""Portraits of speakers as pages show them."""

from webinars.core.pictures import Shown, face
from webinars.schedule.models import Speaker


def portrait_of(speaker: Speaker) -> Shown | None:
    """Give the portrait of a speaker; None where the letters of the name stand instead."""
    return face(speaker.portrait, speaker.portrait_words, speaker.name) if speaker.portrait else None
