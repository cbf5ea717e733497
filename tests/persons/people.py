"""Invented persons, said as an officer would say them."""

from datetime import date
from typing import Any

from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.models import Precision


def details(given: str = "Gülnare", family: str = "Abdullayeva", **fields: Any) -> PersonDetails:
    return PersonDetails(**{"names": (NameGiven("given", given, family),), "sex": "female", **fields})


def full_details() -> PersonDetails:
    return PersonDetails(
        names=(
            NameGiven("given", "Гульнара", "Абдуллаева", "Gulnara", "Abdullaeva"),
            NameGiven("alias", "Sveta"),
        ),
        sex="female",
        birth=RoughDate(date(1998, 5, 3), Precision.DAY),
        citizenships=("UZ",),
        languages=("uz", "ru"),
        needs_interpreter=True,
        may_be_called=True,
        contact_rule="message_only",
        documents=(DocumentGiven("passport", "FA 1234567", "UZ", "withheld", date(2029, 1, 1)),),
        contacts=(ContactGiven("mobile", "+998 90 123 45 67", True, "10:00-12:00", "Terzi randevusu deyin"),),
    )
