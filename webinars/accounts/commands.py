"""`flask staff`: who may sign in, from the command line."""

import sys

import click
from flask.cli import with_appcontext

from webinars.accounts import queries, rules, second_factor, service
from webinars.accounts.models import RoleName
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError


@click.group()
def staff() -> None:
    """Decide who may sign in to the staff pages."""


@staff.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.value for role in RoleName]), default=RoleName.VIEWER.value, show_default=True
)
@click.option("--name", default="", help="How the person is called.")
@with_appcontext
def add(email: str, role: str, name: str) -> None:
    """Add somebody, or set role and password of a known address.

    The password is asked for, or is the first line of standard input when that is no terminal.
    """
    password = _password()
    try:
        with transaction():
            known = service.find_user(email) is not None
            user = service.add_user(email, role, password, utc_now(), name=name)
            address = user.email
    except UserError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{address} {'now has' if known else 'was added with'} the role {role}.")


@staff.command()
@click.argument("email")
@with_appcontext
def reset_second_factor(email: str) -> None:
    """Take code app, recovery codes and passkeys away from somebody who lost them."""
    with transaction():
        user = service.find_user(email)
        if user is None:
            raise click.ClickException(f"Nobody with the address {email} may sign in.")
        second_factor.reset(user, utc_now())
        address = user.email
    click.echo(f"{address} signs in with the password alone, until a second factor is set up anew.")


@staff.command(name="list")
@with_appcontext
def list_() -> None:
    """List who may sign in, with roles."""
    for user in queries.list_people():
        click.echo(f"{user.email}\t{rules.role_of(user)}\t{'active' if user.active else 'deactivated'}")


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
