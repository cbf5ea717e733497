"""Whose persons a user can see: those held by the own institution or in the own province, or all of the nation's."""

from django.db.models import Q

from kalkan.access.models import User
from kalkan.access.policy import Rows, by_place, require
from kalkan.access.roles import Permission, Scope
from kalkan.persons.models import Attachment, Consent, Holding, Person, PossibleSame

__all__ = ["attachments", "consents", "matches", "persons", "require"]


def _held(user: User, lookup: str) -> Q:
    if user.scope is Scope.NATION:
        return Q()
    holdings = Holding.objects.filter(by_place(user, institution="institution", province="province"))
    return Q(**{f"{lookup}__in": holdings.values("person")})


def _persons(user: User) -> Q:
    return _held(user, "pk")


def _of_person(user: User) -> Q:
    return _held(user, "person")


def _matches(user: User) -> Q:
    return Q() if user.scope is Scope.NATION else Q(pk__in=[])


persons = Rows(Person, scope=_persons, needs=Permission.PERSONS_VIEW)
consents = Rows(Consent, scope=_of_person, needs=Permission.PERSONS_VIEW)
attachments = Rows(Attachment, scope=_of_person, needs=Permission.PERSONS_VIEW)
matches = Rows(PossibleSame, scope=_matches, needs=Permission.MATCHES_JUDGE)
