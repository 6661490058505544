"""Commands about tokens."""

import click
from flask.cli import AppGroup

from webinars.api import queries, service
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError

api_token = AppGroup("api-token", help="Tokens that let programs use the API: add, list, revoke.")


@api_token.command("add")
@click.argument("name")
def add(name: str) -> None:
    """Make a token with full rights and print it, this once."""
    try:
        with transaction():
            token = service.add_token(name, utc_now())
    except UserError as error:
        raise click.ClickException(str(error)) from None
    click.echo(token)


@api_token.command("list")
def list_tokens() -> None:
    """List the tokens by name; the tokens themselves are kept nowhere."""
    for token in queries.list_tokens():
        state = "revoked" if token.revoked_at else "valid"
        used = token.last_used_at.isoformat(timespec="minutes") if token.last_used_at else "never"
        click.echo(f"{token.name}\t{state}\tlast used {used}")


@api_token.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Shut a program out for good."""
    try:
        with transaction():
            service.revoke_token(name, utc_now())
    except UserError as error:
        raise click.ClickException(str(error)) from None
