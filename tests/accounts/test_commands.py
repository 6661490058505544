"""`flask staff` on the command line."""

from tests.accounts.test_sign_in import sign_in
from webinars.accounts import queries, rules


def run(app, *arguments, stdin=""):
    return app.test_cli_runner().invoke(args=["staff", *arguments], input=stdin)


def test_password_is_the_first_line_of_standard_input(app, client):
    result = run(app, "add", "Owner@example.org", "--role", "owner", stdin="correct horse battery\nnot this\n")
    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert sign_in(client).request.path == "/staff/"


def test_second_time_sets_role_and_password(app, client):
    run(app, "add", "owner@example.org", "--role", "owner", stdin="correct horse battery\n")
    run(app, "add", "bob@example.org", "--role", "viewer", stdin="correct horse battery\n")
    assert run(app, "add", "bob@example.org", "--role", "editor", stdin="four green umbrellas\r\n").exit_code == 0
    assert rules.role_of(queries.find_user("bob@example.org")) == "editor"
    assert sign_in(client, "bob@example.org", "four green umbrellas").request.path == "/staff/"


def test_mistakes_are_said_in_one_sentence(app):
    assert "not an email address" in run(app, "add", "x", "--role", "owner", stdin="correct horse battery\n").output
    assert "at least 8" in run(app, "add", "a@b.org", "--role", "owner", stdin="\n").output
    assert run(app, "add", "a@b.org", "--role", "king", stdin="x\n").exit_code == 2
    assert run(app, "list").output == ""
