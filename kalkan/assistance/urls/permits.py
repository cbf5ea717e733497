"""Addresses of permits, returns and the gate."""

from django.urls import URLPattern, path

from kalkan.assistance.views import gate, permits, permits_and_returns, returns

urlpatterns: list[URLPattern] = [
    path("permits-and-returns/", permits_and_returns.permits, name="all_permits"),
    path("permits-and-returns/returns/", permits_and_returns.returns, name="all_returns"),
    path("cases/<uuid:reference>/permits/", permits.of_case, name="permits"),
    path("cases/<uuid:reference>/permits/request/", permits.RequestView.as_view(), name="request_permit"),
    path("permits/<uuid:reference>/", permits.of_permit, name="permit"),
    path("permits/<uuid:reference>/number/", permits.number, name="permit_number"),
    path("permits/<uuid:reference>/decide/", permits.DecideView.as_view(), name="decide_permit"),
    path("permits/<uuid:reference>/leave/", permits.LeaveView.as_view(), name="leave_permit"),
    path("permits/<uuid:reference>/cancel/", permits.CancelView.as_view(), name="cancel_permit"),
    path("cases/<uuid:reference>/returns/offer/", returns.OfferView.as_view(), name="offer_return"),
    path("returns/<uuid:reference>/", returns.plan, name="return"),
    path("returns/<uuid:reference>/texts/<uuid:text>/", returns.text, name="return_text"),
    path("returns/<uuid:reference>/assess/", returns.AssessView.as_view(), name="assess_return"),
    path("returns/<uuid:reference>/decide/", returns.DecideView.as_view(), name="decide_return"),
    path("returns/<uuid:reference>/arrange/", returns.ArrangeView.as_view(), name="arrange_return"),
    path("returns/<uuid:reference>/approve/", returns.ApproveView.as_view(), name="approve_return"),
    path("returns/<uuid:reference>/depart/", returns.DepartView.as_view(), name="depart_return"),
    path("returns/<uuid:reference>/arrive/", returns.ArriveView.as_view(), name="confirm_arrival"),
    path("returns/<uuid:reference>/follow-up/", returns.FollowUpView.as_view(), name="follow_up_return"),
    path("returns/<uuid:reference>/complete/", returns.CompleteView.as_view(), name="complete_return"),
    path("returns/<uuid:reference>/decline/", returns.DeclineView.as_view(), name="decline_return"),
    path("returns/<uuid:reference>/withdraw/", returns.WithdrawView.as_view(), name="withdraw_return"),
    path("gate/", gate.gate, name="gate"),
    path("gate/<uuid:reference>/", gate.check, name="gate_check"),
]
