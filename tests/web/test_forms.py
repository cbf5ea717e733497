"""How every form is drawn: labels, hints, errors and the ties between them."""

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import override

from kalkan.web.templatetags.kalkan import is_single_checkbox


class Interview(forms.Form):
    language = forms.ChoiceField(
        label="Language",
        choices=[("tr", "Turkish"), ("ar", "Arabic")],
        widget=forms.RadioSelect,
        help_text="Their own",
    )
    place = forms.CharField(label="Place", help_text="Town is enough", max_length=5)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    explained = forms.BooleanField(label="Rights were explained")
    version = forms.IntegerField(widget=forms.HiddenInput)


def draw(data: dict[str, str] | None = None) -> str:
    with override("en"):
        return render_to_string("components/form.html", {"form": Interview(data), "submit_label": "Save"})


def test_a_hint_is_read_with_its_answer() -> None:
    page = draw()
    assert 'id="id_place_helptext"' in page
    assert 'aria-describedby="id_place_helptext"' in page


def test_choices_are_one_question_with_a_legend() -> None:
    page = draw()
    assert page.count("<fieldset") == 1
    assert "<legend>Language" in page
    assert page.count('class="choice"') == 3


def test_what_may_stay_empty_says_so_and_nothing_else_does() -> None:
    assert draw().count("(optional)") == 1


def test_a_lone_checkbox_carries_its_label_behind_it() -> None:
    form = Interview()
    assert is_single_checkbox(form["explained"])
    assert not is_single_checkbox(form["place"])


def test_an_error_is_summed_up_linked_and_tied_to_its_answer() -> None:
    page = draw({"place": "Afyonkarahisar", "language": "xx"})
    assert 'role="alert"' in page
    for field in ("language", "place", "explained"):
        assert f'<a href="#id_{field}">' in page
        assert f'id="id_{field}_error"' in page
        assert f'id="id_{field}"' in page
    assert 'aria-invalid="true"' in page
    assert "id_place_error" in page.split('name="place"')[1].split(">")[0]


def test_hidden_fields_are_sent_and_never_drawn() -> None:
    page = draw()
    assert '<input type="hidden" name="version" id="id_version">' in page
