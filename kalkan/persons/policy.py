"""Whose persons a user can see: those held by the own institution or in the own province, or all of the nation's."""

from collections.abc import Sequence

from django.db.models import Q

from kalkan.access.models import Emergency, User
from kalkan.access.policy import Rows, by_place, require
from kalkan.access.roles import Permission, Scope
from kalkan.persons.models import Attachment, Consent, Erasure, Holding, LegalHold, Person, PossibleSame

__all__ = ["attachments", "consents", "erasable", "erasures", "holds", "matches", "persons", "require"]


def _held(user: User, lookup: str) -> Q:
    if user.scope is Scope.NATION:
        return Q()
    holdings = Holding.objects.filter(by_place(user, institution="institution", province="province"))
    return Q(**{f"{lookup}__in": holdings.values("person")})


def _persons(user: User) -> Q:
    return Q(erased_at=None) & _held(user, "pk")  # who was erased is nobody's to find


def _of_person(user: User) -> Q:
    return Q(person__erased_at=None) & _held(user, "person")


def _everybody(user: User) -> Q:
    return Q()


def _matches(user: User) -> Q:
    return Q() if user.scope is Scope.NATION else Q(pk__in=[])


def _shown(emergencies: Sequence[Emergency]) -> Q:
    return Q(reference__in=[one.person for one in emergencies])


persons = Rows(Person, scope=_persons, needs=Permission.PERSONS_VIEW, shown=_shown)
consents = Rows(Consent, scope=_of_person, needs=Permission.PERSONS_VIEW)
attachments = Rows(Attachment, scope=_of_person, needs=Permission.PERSONS_VIEW)
# Whoever may erase does so by reference, whoever holds the person, and sees no identity.
erasable = Rows(Person, scope=_everybody, needs=Permission.PERSONS_ERASE)
erasures = Rows(Erasure, scope=_everybody, needs=Permission.PERSONS_ERASE)
holds = Rows(LegalHold, scope=_everybody, needs=Permission.HOLDS_SET)
matches = Rows(PossibleSame, scope=_matches, needs=Permission.MATCHES_JUDGE)
