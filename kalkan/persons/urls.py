from django.urls import path

from kalkan.persons.views import ending, matches, person, recording

app_name = "persons"
urlpatterns = [
    path("", recording.search, name="search"),
    path("new/", recording.create, name="create"),
    path("possible-same/", matches.matches, name="matches"),
    path("possible-same/<uuid:reference>/", matches.judge, name="judge"),
    path("consents/<uuid:reference>/withdraw/", person.withdraw, name="withdraw"),
    path("erasures/", ending.erasures, name="erasures"),
    path("erasures/ask/", ending.ask_erasure, name="ask_erasure"),
    path("erasures/<uuid:reference>/", ending.erasure, name="erasure"),
    path("erasures/<uuid:reference>/carry-out/", ending.carry_out, name="carry_out"),
    path("erasures/<uuid:reference>/withdraw/", ending.withdraw_erasure, name="withdraw_erasure"),
    path("holds/", ending.legal_holds, name="holds"),
    path("holds/<uuid:reference>/lift/", ending.lift_hold, name="lift_hold"),
    path("<uuid:reference>/", person.person, name="person"),
    path("<uuid:reference>/reveal/", person.reveal, name="reveal"),
    path("<uuid:reference>/correct/", recording.edit, name="edit"),
    path("<uuid:reference>/consent/", person.consent, name="consent"),
]
