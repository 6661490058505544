"""What comes with a video, as programs get it."""

from marshmallow import fields, validate

from webinars.api.fields import Shown
from webinars.archive.outward import paper_address
from webinars.archive.world_models import PaperKind

_MOMENT = {"description": "Where the talk speaks of it; null = it belongs to the whole talk."}


class Paper(Shown):
    """Slides, a handout or a link."""

    kind = fields.String(validate=validate.OneOf([str(kind) for kind in PaperKind]))
    title = fields.String()
    url = fields.Function(
        paper_address,
        metadata={"type": "string", "description": "Files of ours are served once the video is public."},
    )
    bytes = fields.Integer(allow_none=True, metadata={"description": "Of a file of ours."})
    start_seconds = fields.Integer(allow_none=True, metadata=_MOMENT)


class WrittenAnswer(Shown):
    """A question that was not reached in the talk, answered in writing."""

    question = fields.String()
    answer = fields.String(metadata={"description": "Markdown."})
    answered_by = fields.String()
    start_seconds = fields.Integer(allow_none=True, metadata=_MOMENT)
