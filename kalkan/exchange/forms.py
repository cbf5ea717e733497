from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from kalkan.exchange import formats
from kalkan.exchange.mapping import SIZE, MappingWrong, parse
from kalkan.exchange.models import ImportRun


class UploadForm(forms.Form):
    """Which table, and how it is to be read."""

    format = forms.ChoiceField(label=_("What kind of table is it?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("The table"),
        help_text=_("An Excel workbook (.xlsx) or a text table (.csv). It is checked first; nothing is imported yet."),
    )
    own_mapping = forms.FileField(
        label=_("Mapping file"),
        required=False,
        help_text=_("Only for another table: a .toml file that says what each column means."),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = self.fields["format"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  # for the type checker
        chosen.choices = formats.choices()

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT:
            limit = filesizeformat(settings.UPLOAD_LIMIT)
            raise forms.ValidationError(now("The file is larger than %(limit)s. Split the table.") % {"limit": limit})
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        own = cleaned.get("own_mapping")
        cleaned["mapping"] = b""
        if cleaned.get("format") == formats.OWN:
            if own is None:
                self.add_error("own_mapping", now("Add the mapping file that says what each column means."))
            elif own.size > SIZE:
                self.add_error("own_mapping", now("The mapping file is too large."))
            else:
                cleaned["mapping"] = own.read()
                try:
                    parse(cleaned["mapping"])
                except MappingWrong as wrong:
                    self.add_error("own_mapping", wrong.sentences[:20])
        return cleaned


class BeginForm(forms.Form):
    """All or nothing, or the good rows."""

    mode = forms.ChoiceField(
        label=_("How should it be imported?"), choices=ImportRun.Mode.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, has_failed_rows: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = self.fields["mode"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  # for the type checker
        if has_failed_rows:
            chosen.choices = [(ImportRun.Mode.GOOD.value, ImportRun.Mode.GOOD.label)]
        chosen.initial = ImportRun.Mode.GOOD if has_failed_rows else ImportRun.Mode.ALL
