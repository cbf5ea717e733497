"""The addresses of shelters and stays."""

from django.urls import path

from kalkan.assistance.views.shelters import house, stays

urlpatterns = [
    path("shelter/", house.shelter, name="shelter"),
    path("shelter/offer/", house.ProfileView.as_view(), name="shelter_profile"),
    path("shelter/beds/", house.beds, name="beds"),
    path("shelter/beds/<uuid:reference>/close/", house.BedView.as_view(), name="close_bed"),
    path("shelter/beds/<uuid:reference>/open/", house.open_bed, name="open_bed"),
    path("shelter/duty/", house.ShiftView.as_view(), name="shifts"),
    path("shelter/incident/", house.ReportIncidentView.as_view(), name="report_incident"),
    path("shelters/", house.occupancy, name="occupancy"),
    path("stays/<uuid:reference>/", stays.stay, name="stay"),
    path("stays/<uuid:reference>/assess/", stays.AssessView.as_view(), name="assess_stay"),
    path("stays/<uuid:reference>/admit/", stays.AdmitView.as_view(), name="admit"),
    path("stays/<uuid:reference>/wait/", stays.keep_waiting, name="keep_waiting"),
    path("stays/<uuid:reference>/decline/", stays.DeclineView.as_view(), name="decline_stay"),
    path("stays/<uuid:reference>/withdraw/", stays.WithdrawView.as_view(), name="withdraw_stay"),
    path("stays/<uuid:reference>/seen-to/", stays.see_to_stay, name="see_to_stay"),
    path("stays/<uuid:reference>/bed/", stays.MoveBedView.as_view(), name="move_bed"),
    path("stays/<uuid:reference>/leave/", stays.LeaveView.as_view(), name="end_stay"),
    path("stays/<uuid:reference>/review/", stays.review_stay, name="review_stay"),
    path("stays/<uuid:reference>/absence/", stays.AbsenceView.as_view(), name="absence"),
    path("absences/<uuid:reference>/", stays.EndAbsenceView.as_view(), name="end_absence"),
    path("incidents/<uuid:reference>/", stays.incident, name="incident"),
    path("incidents/<uuid:reference>/account/", stays.incident_account, name="incident_account"),
    path("cases/<uuid:reference>/stay/", stays.RequestView.as_view(), name="request_stay"),
]
