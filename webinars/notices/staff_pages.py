"""The staff pages of this room: words of letters, announcements, who gets what and when, who gets nothing."""

from flask import Blueprint

staff_pages = Blueprint("notices_staff", __name__)
