"""Which file of the vault belongs to which case. The file itself lies sealed with its person."""

from django.db import models


class CaseAttachment(models.Model):
    """A file that was attached to this case: whoever sees the case sees that it is there."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="attachments")
    attachment = models.OneToOneField("persons.Attachment", on_delete=models.CASCADE, related_name="+")

    class Meta:
        app_label = "cases"

    def __str__(self) -> str:
        return f"{self.case_id} {self.attachment_id}"
