"""Table of what was set in the browser."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import Model


class OrganizationSetting(Model):
    """One setting, as the text that its kind reads."""

    __tablename__ = "organization_settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
