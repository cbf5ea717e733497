from django.urls import path

from kalkan.cases.views import attachments, particulars, screening, work

app_name = "cases"
urlpatterns = [
    path("oversight/", particulars.oversight, name="oversight"),
    path("open/<uuid:person>/", work.open_case, name="open"),
    path("screenings/<uuid:reference>/danger/now/", screening.screening_danger, name="screening_danger"),
    path("screenings/<uuid:reference>/result/", screening.screening_result, name="screening_result"),
    path("screenings/<uuid:reference>/<slug:page>/", screening.screening_page, name="screening_page"),
    path("<uuid:reference>/screening/", screening.screening, name="screening"),
    path(
        "<uuid:reference>/preliminary-interview/",
        work.PreliminaryInterviewView.as_view(),
        name="preliminary_interview",
    ),
    path("<uuid:reference>/refer/", work.ReferView.as_view(), name="refer"),
    path(
        "<uuid:reference>/begin-identification/", work.BeginIdentificationView.as_view(), name="begin_identification"
    ),
    path(
        "<uuid:reference>/identification-interview/",
        work.IdentificationInterviewView.as_view(),
        name="identification_interview",
    ),
    path("<uuid:reference>/draft/", work.DraftView.as_view(), name="draft"),
    path("<uuid:reference>/decide/", work.DecideView.as_view(), name="decide"),
    path("<uuid:reference>/begin-protection/", work.BeginProtectionView.as_view(), name="begin_protection"),
    path("<uuid:reference>/close/", work.CloseView.as_view(), name="close"),
    path("<uuid:reference>/break-off/", work.BreakOffView.as_view(), name="break_off"),
    path("<uuid:reference>/reconsider/", work.ReconsiderView.as_view(), name="reconsider"),
    path("<uuid:reference>/exploitation/", particulars.EpisodeView.as_view(), name="episode"),
    path("<uuid:reference>/perpetrator/", particulars.PerpetratorView.as_view(), name="perpetrator"),
    path("<uuid:reference>/link/", particulars.LinkView.as_view(), name="link"),
    path("<uuid:reference>/assign/", particulars.AssignView.as_view(), name="assign"),
    path("<uuid:reference>/change/", particulars.ChangeView.as_view(), name="change"),
    path("<uuid:reference>/files/add/", attachments.AttachView.as_view(), name="attach"),
    path("<uuid:reference>/files/<uuid:file>/", attachments.open_file, name="open_file"),
    path("<uuid:reference>/files/<uuid:file>/remove/", attachments.RemoveView.as_view(), name="remove_file"),
    path("<uuid:reference>/texts/<uuid:text>/", particulars.text, name="text"),
]
