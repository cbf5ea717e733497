from django.urls import path

from kalkan.persons.views import matches, person, recording

app_name = "persons"
urlpatterns = [
    path("", recording.search, name="search"),
    path("new/", recording.create, name="create"),
    path("possible-same/", matches.matches, name="matches"),
    path("possible-same/<uuid:reference>/", matches.judge, name="judge"),
    path("consents/<uuid:reference>/withdraw/", person.withdraw, name="withdraw"),
    path("<uuid:reference>/", person.person, name="person"),
    path("<uuid:reference>/reveal/", person.reveal, name="reveal"),
    path("<uuid:reference>/correct/", recording.edit, name="edit"),
    path("<uuid:reference>/consent/", person.consent, name="consent"),
]
