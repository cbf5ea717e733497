"""What the forms share."""

from html.parser import HTMLParser

from django import forms

from kalkan.persons.forms.fields import LongSelect


def test_a_menu_written_at_once_says_what_the_ordinary_one_says_and_escapes_it() -> None:
    choices = [("", "–"), ("a&b", "<b>'Ülke'\"</b>"), ("TR", "Türkiye")]
    for value in (None, "", "TR", "a&b", "<script>"):
        said = [
            widget(choices=choices).render("country", value, {"id": "id_country"})
            for widget in (LongSelect, forms.Select)
        ]
        mine, theirs = map(_parsed, said)
        assert mine == theirs


def _parsed(markup: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, tuple(sorted(attrs, key=str))))

        def handle_data(self, data: str) -> None:
            if data.strip():
                found.append((data.strip(), ()))

    Reader().feed(markup)
    return found
