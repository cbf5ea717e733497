"""A case with a value of each class of sensitivity planted in it, to look for at every door."""

from dataclasses import dataclass
from datetime import date

from kalkan.access.models import Institution, ShelterPlace
from kalkan.access.roles import InstitutionKind, Role
from kalkan.access.sensitivity import Sensitivity
from kalkan.cases import services as casework
from kalkan.cases.models import AllegedPerpetrator, Answer, Case, CaseAttachment, Interview, Screening
from kalkan.persons import sealing, services
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails
from kalkan.persons.models import Attachment, Consent, SealedText
from tests.factories import make_case, make_institution, make_person, make_user

S = Sensitivity
GIVEN, FAMILY, NUMBER, TELEPHONE = "Zebercetmark", "Kuskonmazmark", "QX7654321", "+905320001122"
WORDS, PLACE, CRIME, FILE_NAME = "Anlatimmark sozleri", "Sakliyermark", "sucmark", "dosyamark.pdf"
EXPIRES = "2031-11-23"
MARKS = {
    S.IDENTITY: (GIVEN, FAMILY, NUMBER, "23 November 2031", "23 Kasım 2031", EXPIRES),
    S.CONTACT: (TELEPHONE, "0532 000 11 22", "532 000 11 22"),
    S.SHELTER_LOCATION: (PLACE,),
    S.HEALTH: ("saglikmark",),
    S.CRIMINAL: (CRIME,),
    S.NARRATIVE: (WORDS.split()[0], FILE_NAME),
}


@dataclass
class Planted:
    """A case with a marked value of each class in the hands of one institution, and a shelter in its consent."""

    case: Case
    shelter: Institution
    screening: Screening
    consent: Consent
    text: SealedText
    file: Attachment


def plant(seat: Institution, *, through_services: bool = False) -> Planted:
    recorder = make_user(Role.IDENTIFICATION_EXPERT, seat)
    details = PersonDetails(
        names=(NameGiven("given", GIVEN, FAMILY),),
        sex="female",
        documents=(DocumentGiven("passport", NUMBER, "UZ", "withheld", date.fromisoformat(EXPIRES)),),
        contacts=(ContactGiven("mobile", TELEPHONE, True, "10:00", "Terzi deyin"),),
    )
    person = services.enter_person(details, by=recorder, institution=seat, source="kalkan")
    case = make_case(person, seat, stage="screening", is_with_authority=True, opened_by=recorder)
    text = services.seal_text(person, "narrative", WORDS, by=recorder)
    Interview.objects.create(case=case, kind="preliminary", held_on=case.opened_on, narrative=text, by=recorder)
    # The staff of a shelter work where the shelter is.
    shelter = (
        seat if seat.kind == InstitutionKind.SHELTER else make_institution("shelter", seat.province_id or "TR-06")
    )
    ShelterPlace.objects.filter(institution=shelter).update(name_tr=f"{PLACE} evi", name_en=f"{PLACE} house")
    attachment = Attachment(
        person=case.person, kind="saglikmark", media_type="text/plain", size=1, is_scanned=True, attached_by=recorder
    )
    sealing.seal_file(attachment, WORDS.encode(), FILE_NAME)
    attachment.save()
    CaseAttachment.objects.create(case=case, attachment=attachment)
    screening = Screening.objects.create(case=case, profile="adult_labour", held_on=case.opened_on)
    Answer.objects.create(screening=screening, question="hurt_or_ill", said="yes", by=recorder, version=1)
    consent = Consent.objects.create(
        person=person, purpose="shelter", recipient=shelter, categories=["identity"], language="tr",
        given_how="signed", given_on=case.opened_on, recorded_by=recorder,
    )  # fmt: skip
    if through_services:
        casework.record_alleged_perpetrator(case.reference, by=recorder, role="recruiter", citizenship="BT")
        casework.change_case(
            case.reference, by=recorder, version=case.version, signal="self", is_urgent=True, is_child=False,
            charged_articles=["tpc_227"],
        )  # fmt: skip
    else:
        AllegedPerpetrator.objects.create(case=case, role=CRIME, by=recorder)
        Case.objects.filter(pk=case.pk).update(charged_articles=[f"{CRIME}_80"])
    return Planted(case, shelter, screening, consent, text, attachment)


def full_case(institution: Institution) -> Case:
    """A case in which every column has something to read, led by a shelter: the one body with a secret."""
    person = make_person(institution, sex="female", age_band="18-20", citizenships=["UZ"])
    case = make_case(
        person, institution, stage="protection", charged_articles=["tpc_80"], signal="self", is_with_authority=True
    )
    case.episodes.create(forms=["sexual"])
    return case
