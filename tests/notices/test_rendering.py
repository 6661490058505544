import jinja2
import pytest

from webinars.notices import rendering


@pytest.fixture
def templates(app, monkeypatch):
    """Give a way to render a template of our own, as text and as HTML."""
    texts: dict[str, str] = {}
    loader = jinja2.ChoiceLoader([jinja2.DictLoader(texts), app.jinja_env.loader])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    rendering._pattern.cache_clear()
    rendering._outline.cache_clear()
    yield texts
    rendering._pattern.cache_clear()
    rendering._outline.cache_clear()


def text(template: str, values) -> str:
    """Render with every value shared, and with every value a person's own: both read the same."""
    common = str(rendering.render(template, "en", rendering.shared(values), {}))
    assert common == str(rendering.render(template, "en", (), values))
    return common


def test_values_are_filled_in_and_absent_ones_left_out(templates):
    templates["a.txt"] = (
        "{{ name }}{% if phone %}, call {{ phone }}{% endif %}{% for row in rows %} [{{ row.a }}]{% endfor %}"
    )
    assert text("a.txt", {"name": "Ana", "phone": ""}) == "Ana\n"
    rows = [{"a": "1"}, {"a": ""}, {"a": "3"}]
    assert text("a.txt", {"name": "Bo", "phone": "5", "rows": rows}) == "Bo, call 5 [1] [3]\n"


def test_html_values_cannot_break_out(templates):
    templates["a.html"] = '<html><body><a href="{{ url }}">{{ name }}</a></body></html>'
    html = text("a.html", {"url": 'https://x/"><b>', "name": "<script>1</script>\nnext"})
    assert "<script>" not in html and "<b>" not in html and "&lt;script&gt;" in html and "<br>\nnext" in html


def test_value_that_looks_like_a_mark_stays_as_it_is(templates):
    templates["a.txt"] = "{{ a }}-{{ b }}"
    assert text("a.txt", {"a": "zq0001qz", "b": "{{ a }}"}) == "zq0001qz-{{ a }}\n"


def test_styles_are_inlined_and_media_queries_kept(templates):
    templates["a.html"] = (
        "<html><head><style>p { color: #123456 }</style>"
        '<style data-css-inline="keep">@media (x) { p { color: red } }</style></head><body><p>{{ a }}</p></body></html>'
    )
    html = text("a.html", {"a": "text"})
    assert '<p style="color: #123456;">text</p>' in html and "@media" in html


def test_subject_is_one_line(templates):
    templates["s.txt"] = "{{ a }}\n\n{{ b }}\n"
    assert rendering.render_line("s.txt", "en", rendering.shared({"a": "x\r\nBcc: y", "b": "z"})) == "x Bcc: y z"
