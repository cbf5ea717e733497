"""Forms of the files of a case."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.cases.forms.fields import CodeField, KeyField
from kalkan.persons.files import kinds


class AttachForm(forms.Form):
    """What the file is, and the file."""

    kind = CodeField("attachment_kind", is_menu=True, label=gettext_lazy("What is it?"))
    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy(
            "PDF, JPEG, PNG, TXT, DOCX or XLSX. Place and camera are taken out of pictures; the file is sealed."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{kind.ending}" for kind in kinds.KINDS) + ",.jpeg"}),
    )
    request_key = KeyField()

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.ATTACHMENT_LIMIT:
            limit = filesizeformat(settings.ATTACHMENT_LIMIT)
            raise forms.ValidationError(_("The file is larger than %(limit)s.") % {"limit": limit})
        return file


class RemoveForm(forms.Form):
    """Why a file goes."""

    reason = CodeField("attachment_removal", label=gettext_lazy("Why is the file removed?"))
