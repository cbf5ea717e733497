"""Addresses of referrals."""

from django.urls import path

from kalkan.assistance.views.referral_steps import (
    ACTS,
    LetterView,
    NoteView,
    OnwardView,
    SeenToView,
    StepView,
    retrieve,
)
from kalkan.assistance.views.referrals import ReferView, referral, referrals

urlpatterns = [
    path("cases/<uuid:reference>/refer/", ReferView.as_view(), name="refer"),
    path("referrals/", referrals, name="referrals"),
    path("referrals/<uuid:reference>/", referral, name="referral"),
    *(
        path(f"referrals/<uuid:reference>/{name}/", StepView.as_view(name=name), name=f"referral_{name}")
        for name in ACTS
    ),
    path("referrals/<uuid:reference>/note/", NoteView.as_view(), name="referral_note"),
    path("referrals/<uuid:reference>/seen-to/", SeenToView.as_view(), name="referral_seen_to"),
    path("referrals/<uuid:reference>/onward/", OnwardView.as_view(), name="referral_onward"),
    path("referrals/<uuid:reference>/letter/", LetterView.as_view(), name="referral_letter"),
    path("retrieve/", retrieve, name="retrieve"),
]
