"""Addresses of the needs of a person."""

from django.urls import path

from kalkan.assistance.views import pathways

urlpatterns = [
    path("cases/<uuid:reference>/needs/", pathways.NeedsView.as_view(), name="needs"),
    path("needs/<uuid:reference>/", pathways.pathway, name="pathway"),
    path("needs/<uuid:reference>/take-up/", pathways.TakeUpView.as_view(), name="take_up_need"),
    path("needs/<uuid:reference>/step/", pathways.StepView.as_view(), name="step_need"),
    path("needs/<uuid:reference>/hand-over/", pathways.HandOverView.as_view(), name="hand_over_need"),
    path("needs/<uuid:reference>/close/", pathways.CloseView.as_view(), name="close_need"),
    path("needs/<uuid:reference>/notes/<uuid:text>/", pathways.note, name="need_note"),
]
