"""Every kind of event the log knows, as `room:thing:action`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    SIGNED_IN = "access:session:start", _("Signed in")
    SIGN_IN_FAILED = "access:session:refuse", _("Sign-in failed")
    SIGNED_OUT = "access:session:end", _("Signed out")
    REFUSED = "access:permission:refuse", _("Refused")
    ACCOUNT_CHANGED = "access:account:change", _("Account changed")
    CONFIRMED = "access:session:confirm", _("Confirmed who it is")
    SESSION_ENDED = "access:session:stop", _("Session ended")
    COOKIE_REFUSED = "access:cookie:refuse", _("Unknown session refused")
    FACTOR_SET = "access:factor:set", _("Second factor set")
    FACTOR_REMOVED = "access:factor:remove", _("Second factor removed")
    FACTOR_FAILED = "access:factor:refuse", _("Second factor failed")
    INVITATION_MADE = "access:invitation:make", _("Invitation made")
    INVITATION_USED = "access:invitation:use", _("Invitation used")
    INVITATION_REFUSED = "access:invitation:refuse", _("Invitation refused")
    LEAVE_MARKED = "access:leave:mark", _("Leave marked")
    LEAVE_ENDED = "access:leave:end", _("Leave ended")
    WORK_HANDED_OVER = "access:work:hand_over", _("Work handed over")
    INSTITUTIONS_LOADED = "access:institution:load", _("Institutions loaded")
    LOG_VIEWED = "audit:event:list", _("Audit log viewed")
    READING_VIEWED = "audit:reading:view", _("Who read what was looked at")
    ACCESS_REPORTED = "audit:report:make", _("Access to a person's data reported")
    EMERGENCY_OPENED = "access:emergency:open", _("Opened in an emergency")
    EMERGENCY_ENDED = "access:emergency:end", _("Emergency ended")
    EMERGENCY_REVIEWED = "access:emergency:review", _("Emergency reviewed")
    EMERGENCY_MISSED = "access:emergency:miss", _("Emergency refused")
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
    ERASURE_ASKED = "persons:erasure:ask", _("Erasure asked for")
    ERASURE_WITHDRAWN = "persons:erasure:withdraw", _("Erasure not carried out")
    ERASURES_LISTED = "persons:erasure:list", _("Erasures listed")
    PERSON_ERASED = "persons:person:erase", _("Person erased")
    HOLD_SET = "persons:hold:set", _("Legal hold set")
    HOLD_LIFTED = "persons:hold:lift", _("Legal hold lifted")
    KEYS_ROTATED = "persons:key:rotate", _("Key rotated")
    KEY_RETIRED = "persons:key:retire", _("Key retired and destroyed")
    KEYS_SPLIT = "persons:key:split", _("Copy of the keys split among officers")
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

    SUPPORT_VIEWED = "assistance:case:view", _("Support viewed")
    PROMISES_LISTED = "assistance:promise:list", _("Promises listed")
    CLOCK_WENT_ROUND = "assistance:clock:round", _("Went round over promises")

    # pathways and travel documents

    # directory and referrals

    # support programme

    # shelters
    SHELTER_CHANGED = "assistance:shelter:change", _("Shelter changed")
    STAYS_LISTED = "assistance:stay:list", _("Stays listed")
    STAY_VIEWED = "assistance:stay:view", _("Stay viewed")
    STAY_REQUESTED = "assistance:stay:request", _("Place in a shelter asked for")
    STAY_ASSESSED = "assistance:stay:assess", _("Safety of a stay assessed")
    STAY_MOVED = "assistance:stay:move", _("Stay moved")
    STAY_REVIEWED = "assistance:stay:review", _("Stay reviewed")
    ABSENCE_RECORDED = "assistance:absence:record", _("Absence recorded")
    ABSENCE_ENDED = "assistance:absence:end", _("Absence ended")
    INCIDENT_REPORTED = "assistance:incident:report", _("Incident reported")
    INCIDENT_FOLLOWED_UP = "assistance:incident:follow_up", _("Incident followed up")
    CENSUS_TAKEN = "assistance:census:take", _("Census taken")

    # permits, returns and the gate

    # official documents

    IMPORTED = "exchange:import:run", _("File imported")
    RECORD_IMPORTED = "exchange:import:record", _("Record imported")
    EXPORTED = "exchange:export:run", _("List exported")
    BACKED_UP = "exchange:backup:write", _("Backup written")
    RESTORED = "exchange:backup:restore", _("Backup restored")
    RESTORE_REFUSED = "exchange:backup:refuse", _("Restoring a backup refused")
    FIGURE_COUNTED = "statistics:figure:count", _("Figure counted")
    SNAPSHOT_FROZEN = "statistics:snapshot:freeze", _("Yearly snapshot frozen")
