"""Ways through the library without a search: a series in its order."""

from dataclasses import replace

from flask import render_template, request

from webinars.archive import queries
from webinars.archive.views import pages
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language


@pages.get("/series/<slug>/videos")
def playlist(slug: str) -> str:
    """Show all videos of a series in the order in which they were recorded."""
    series = in_our_language(schedule.get_series(slug))
    found = queries.playlist_of(series.id, request.args.get("page", 1, int))
    found = replace(found, items=all_in_our_language(found.items))
    return render_template("archive/playlist.html", series=series, found=found)
