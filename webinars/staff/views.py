from flask import Blueprint

staff_pages = Blueprint("staff", __name__)
