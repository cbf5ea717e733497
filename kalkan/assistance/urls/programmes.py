"""Addresses of support programmes."""

from django.urls import URLPattern, path

from kalkan.assistance.views import care, programmes

_OF = "programmes/<uuid:reference>"
urlpatterns: list[URLPattern] = [
    path("sheets/", programmes.sheet, name="sheet"),
    path("cases/<uuid:reference>/information/", programmes.InformationView.as_view(), name="give_information"),
    path("cases/<uuid:reference>/programme/begin/", programmes.BeginView.as_view(), name="begin_programme"),
    path(f"{_OF}/", programmes.programme, name="programme"),
    path(f"{_OF}/needs/", programmes.NeedsView.as_view(), name="programme_needs"),
    path(f"{_OF}/goals/", programmes.GoalView.as_view(), name="programme_goal"),
    path(f"{_OF}/services/", programmes.ServiceView.as_view(), name="programme_service"),
    path(f"{_OF}/review/", programmes.ReviewView.as_view(), name="programme_review"),
    path(f"{_OF}/hand/", programmes.HandView.as_view(), name="hand_programme"),
    path(f"{_OF}/report/", programmes.ReportView.as_view(), name="programme_report"),
    path(f"{_OF}/texts/<uuid:text>/", programmes.programme_text, name="programme_text"),
    path(f"{_OF}/notes/", care.NoteView.as_view(), name="programme_note"),
    path(f"{_OF}/companions/", care.CompanionView.as_view(), name="programme_companion"),
    path(f"{_OF}/interpreters/", care.BookingView.as_view(), name="programme_booking"),
    path(f"{_OF}/legal-aid/", care.LegalAidView.as_view(), name="programme_legal_aid"),
    path(f"{_OF}/compensation/", care.ClaimView.as_view(), name="programme_compensation"),
    path(f"{_OF}/cash/", care.CashView.as_view(), name="programme_cash"),
    path(f"{_OF}/conferences/", care.ConferenceView.as_view(), name="programme_conference"),
    path("goals/<uuid:reference>/", programmes.SettleGoalView.as_view(), name="goal"),
    path("services-delivered/<uuid:reference>/end/", programmes.EndServiceView.as_view(), name="end_service"),
    path("reports/<uuid:reference>/", programmes.AnswerView.as_view(), name="report"),
    path("care-notes/<uuid:reference>/", programmes.care_note, name="care_note"),
    path("companions/<uuid:reference>/end/", care.EndCompanionView.as_view(), name="end_companion"),
    path("bookings/<uuid:reference>/cancel/", care.CancelBookingView.as_view(), name="cancel_booking"),
    path("legal-aid/<uuid:reference>/step/", care.StepView.as_view(), name="legal_step"),
    path("compensation/<uuid:reference>/decide/", care.ClaimDecidedView.as_view(), name="decide_compensation"),
    path("conference-decisions/<uuid:reference>/", care.DecisionView.as_view(), name="conference_decision"),
]
