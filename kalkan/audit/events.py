"""Every kind of event the log knows, as `room:thing:action`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    SIGNED_IN = "access:session:start", _("Signed in")
    SIGN_IN_FAILED = "access:session:refuse", _("Sign-in failed")
    SIGNED_OUT = "access:session:end", _("Signed out")
    REFUSED = "access:permission:refuse", _("Refused")
    ACCOUNT_CHANGED = "access:account:change", _("Account changed")
    INSTITUTIONS_LOADED = "access:institution:load", _("Institutions loaded")
    LOG_VIEWED = "audit:event:list", _("Audit log viewed")
    VOCABULARY_LOADED = "vocabulary:list:load", _("Code lists loaded")

    PERSONS_LISTED = "persons:person:list", _("Persons listed")
    PERSONS_SEARCHED = "persons:person:search", _("Persons searched")
    PERSON_VIEWED = "persons:person:view", _("Person viewed")
    IDENTITY_REVEALED = "persons:identity:reveal", _("Identity revealed")
    PERSON_CREATED = "persons:person:create", _("Person recorded")
    PERSON_CHANGED = "persons:person:change", _("Person changed")
    MATCH_FOUND = "persons:match:find", _("Possible same person found")
    MATCH_JUDGED = "persons:match:judge", _("Possible same person judged")
    CONSENT_GIVEN = "persons:consent:give", _("Consent given")
    CONSENT_WITHDRAWN = "persons:consent:withdraw", _("Consent withdrawn")
    TEXT_SEALED = "persons:text:seal", _("Text sealed")
    TEXT_READ = "persons:text:read", _("Text read")
    FILE_ATTACHED = "persons:file:attach", _("File attached")
    FILE_OPENED = "persons:file:open", _("File opened")
    FILE_REMOVED = "persons:file:remove", _("File removed")
    UPLOAD_REFUSED = "persons:upload:refuse", _("Upload refused")

    CASES_LISTED = "cases:case:list", _("Cases listed")
    CASE_VIEWED = "cases:case:view", _("Case viewed")
    CASE_OPENED = "cases:case:open", _("Case opened")
    CASE_CHANGED = "cases:case:change", _("Case changed")
    CASE_MOVED = "cases:case:move", _("Case moved")
    CASE_ASSIGNED = "cases:case:assign", _("Case assigned")
    CASES_LINKED = "cases:case:link", _("Cases linked")
    SCREENING_ANSWERED = "cases:screening:answer", _("Screening answered")
    SCREENING_CONCLUDED = "cases:screening:conclude", _("Screening concluded")
    INTERVIEW_RECORDED = "cases:interview:record", _("Interview recorded")
    DECISION_DRAFTED = "cases:decision:draft", _("Decision drafted")
    DECISION_MADE = "cases:decision:make", _("Decision made")

    IMPORTED = "exchange:import:run", _("File imported")
    RECORD_IMPORTED = "exchange:import:record", _("Record imported")
    EXPORTED = "exchange:export:run", _("List exported")
    FIGURE_COUNTED = "statistics:figure:count", _("Figure counted")
    SNAPSHOT_FROZEN = "statistics:snapshot:freeze", _("Yearly snapshot frozen")
