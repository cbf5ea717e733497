"""An invented demonstration for an empty database: accounts of every role, and cases over ten years and 81 provinces.

Every case goes through the same services that officers use. Names say that they are invented, in several scripts.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction
from django.db.models import QuerySet
from rich.progress import track

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.roles import Role
from kalkan.access.services import create_user, load_institutions
from kalkan.assistance.services.directory import load_services
from kalkan.cases import services as cases
from kalkan.cases.lifecycle import Outcome
from kalkan.cases.models import Case, Screening
from kalkan.persons import services as persons
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.models import Majority, Person, Precision
from kalkan.vocabulary.models import Profile, Province
from kalkan.vocabulary.selectors import codes, indicator_weights
from kalkan.web import demonstration_support as support
from kalkan.web.demonstration_shelters import furnish

PASSWORD = "gosteri-kalkan-157"  # noqa: S105 - printed at start; demonstration accounts exist in no real installation
CASES = 432
YEARS = 10
SHOWN_PROVINCE = "TR-06"
STAFF = (("Umut", "Deniz", "Güneş", "Yağmur", "Toprak", "Evren", "Bahar"), ("Örnek", "Deneme", "Kurgu", "Misal"))

# Given and family names that mean "example", "invented", "supposed" in the language of the citizenship.
NAMES = {
    "TR": (("Örnek", "Deneme", "Kurgu", "Misal", "Temsilî"), ("Kurgusoy", "Denemeoğlu", "Örnekgil", "Misalcı")),
    "UZ": (("Намуна", "Мисол", "Синов"), ("Намунаева", "Мисолова")),
    "TM": (("Mysal", "Nusga"), ("Mysalowa", "Nusgaýewa")),
    "KG": (("Үлгү", "Мисал"), ("Үлгүева", "Мисалова")),
    "UA": (("Вигадана", "Приклада"), ("Приклад", "Вигаданко")),
    "MD": (("Exempla", "Inventata"), ("Exemplaru", "Modelescu")),
    "GE": (("მაგალითი", "ნიმუში"), ("გამოგონილი", "ნიმუშაძე")),
    "SY": (("مثال", "نموذج"), ("افتراضي", "تجريبي")),
    "AF": (("نمونه", "مثال"), ("فرضی", "آزمایشی")),
    "UG": (("Example", "Sample"), ("Invented", "Modelsson")),
    "PH": (("Halimbawa", "Kathang"), ("Isipan", "Huwaran")),
}
FORMS = ("sexual", "sexual", "sexual", "labour", "labour", "labour", "begging", "forced_marriage", "servitude")
# How far cases of earlier years went, and how far those of the last weeks have come.
ENDS_EARLIER = ("closed", "closed", "closed", "protection", "recognised", "not_recognised", "no_signs", "no_signs")
ENDS_NOW = ("screening", "preliminary", "referred", "identification", "drafted", "recognised", "protection")
IN_SUPPORT = 6  # more cases of the province shown whose support is told


@dataclass(frozen=True)
class Team:
    """The people who work on the cases of one province."""

    frontline: User
    expert: User
    decider: User
    protection: User


def is_wanted() -> bool:
    """True where nobody real has an account, the demonstration is not whole, and the environment allows it."""
    refuses = os.environ.get("DEMONSTRATION", "").lower() in {"no", "0", "false", "off"}
    return not refuses and not User.objects.filter(is_invented=False).exists() and not _can_sign_in().exists()


def _can_sign_in() -> QuerySet[User]:
    return User.objects.filter(email__in=_SHOWN, is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def accounts() -> Iterator[str]:
    """Lines that name the demonstration accounts that one can sign in to, and the password of all of them."""
    users = {user.email: user for user in _can_sign_in()}
    if users:
        yield f"Demonstration accounts (all people are invented), password {PASSWORD}"
    for email in _SHOWN:
        if email in users:
            yield f"  {email:<34} {Role(users[email].role).label}"


_SHOWN = {
    "operator.157@kalkan.invalid": (Role.HELPLINE_OPERATOR, InstitutionKind.HELPLINE, None),
    "polis.ankara@kalkan.invalid": (Role.FRONTLINE_OFFICER, InstitutionKind.POLICE, "TR-06"),
    "uzman.ankara@kalkan.invalid": (Role.IDENTIFICATION_EXPERT, InstitutionKind.MIGRATION_PROVINCE, "TR-06"),
    "karar.ankara@kalkan.invalid": (Role.DECIDING_OFFICER, InstitutionKind.MIGRATION_PROVINCE, "TR-06"),
    "koruma.ankara@kalkan.invalid": (Role.PROTECTION_OFFICER, InstitutionKind.MIGRATION_PROVINCE, "TR-06"),
    "siginma@kalkan.invalid": (Role.SHELTER_STAFF, InstitutionKind.SHELTER, None),
    "stk@kalkan.invalid": (Role.PARTNER, InstitutionKind.NGO, None),
    "merkez@kalkan.invalid": (Role.CENTRAL_UNIT, InstitutionKind.MIGRATION_CENTRE, None),
    "komisyon@kalkan.invalid": (Role.COMMISSION_SECRETARIAT, InstitutionKind.MIGRATION_CENTRE, None),
    "odak.ankara@kalkan.invalid": (Role.PROVINCIAL_FOCAL_POINT, InstitutionKind.MIGRATION_PROVINCE, "TR-06"),
    "analist@kalkan.invalid": (Role.ANALYST, InstitutionKind.MIGRATION_CENTRE, None),
    "veri.koruma@kalkan.invalid": (Role.DATA_PROTECTION_OFFICER, InstitutionKind.MIGRATION_CENTRE, None),
    "yonetici@kalkan.invalid": (Role.ADMINISTRATOR, InstitutionKind.MIGRATION_CENTRE, None),
    "belge.ankara@kalkan.invalid": (Role.DOCUMENT_EXPERT, InstitutionKind.POLICE, "TR-06"),
}


def build(*, count: int = CASES, today: date | None = None) -> None:
    """Make accounts and `count` cases up to `today`. The seed is fixed: one day, the same people.

    Each case, and then its support, is told whole or not at all; the accounts can be signed in to when all is told,
    so a start that was cut short goes on where it was.
    """
    chance = Random(157)
    load_institutions(with_invented=True)
    load_services(today=today)
    today = today or date.today()  # noqa: DTZ011 - the day in the server's zone, as officers count it
    for email, (role, kind, place) in _SHOWN.items():
        _account(email, role, _institution(kind, place), chance)
    teams = {province.code: _team(province.code, chance) for province in Province.objects.all()}
    plan = _plan(chance, count, list(teams))[Case.objects.filter(source="kalkan").count() :]
    for place, end, is_recent in track(plan, description="Inventing cases", transient=True):
        if is_recent:
            days = (42, 56) if end == "protection" else (0, 45)  # a story takes 36 days at most, support some more
            opened = today - timedelta(days=chance.randint(*days))
        else:
            opened = _day(chance, today.year - chance.randrange(YEARS), before=today - timedelta(days=180))
        with transaction.atomic():
            _Story(chance, teams[place], opened, today).tell(end)
    furnish(lambda shelter: _account(f"{shelter.code}@kalkan.invalid", Role.SHELTER_STAFF, shelter, chance))
    told = list(support.stories(shown=SHOWN_PROVINCE, today=today))
    for story in track(told, description="Inventing support", transient=True):
        story.tell()
    password = make_password(PASSWORD)
    User.objects.filter(email__in=_SHOWN).update(password=password)


def _plan(chance: Random, count: int, provinces: list[str]) -> list[tuple[str, str, bool]]:
    """Where each case is, how far it goes and whether it began lately: work of every kind for the accounts shown,
    then every province at least once.
    """
    plan = [(SHOWN_PROVINCE, end, True) for end in (*ENDS_NOW * 3, *("protection",) * IN_SUPPORT)]
    for number in range(count - len(plan)):
        place = provinces[number] if number < len(provinces) else chance.choice(provinces)
        is_recent = number % 8 == 0
        plan.append((place, chance.choice(ENDS_NOW if is_recent else ENDS_EARLIER), is_recent))
    return plan


def _day(chance: Random, year: int, *, before: date) -> date:
    first = date(year, 1, 1)
    last = min(date(year, 12, 31), before)
    return first if last <= first else first + timedelta(days=chance.randint(0, (last - first).days))


def _institution(kind: str, province: str | None) -> Institution:
    rows = Institution.objects.filter(kind=kind).order_by("code")
    return (rows.filter(province_id=province) if province else rows)[:1].get()


def _account(email: str, role: Role, institution: Institution, chance: Random) -> User:
    full_name = " ".join(chance.choice(part) for part in STAFF)
    return User.objects.filter(email=email).first() or create_user(
        email, full_name=full_name, role=role, institution=institution, is_invented=True, by=None
    )


def _team(province: str, chance: Random) -> Team:
    shown = {
        (user.role, user.institution.province_id): user
        for user in User.objects.filter(is_invented=True).select_related("institution")
    }

    def member(role: Role, kind: InstitutionKind) -> User:
        found = shown.get((role, province))
        return found or _account(
            f"{role.value}.{province.lower()}@kalkan.invalid", role, _institution(kind, province), chance
        )

    return Team(
        frontline=member(Role.FRONTLINE_OFFICER, InstitutionKind.POLICE),
        expert=member(Role.IDENTIFICATION_EXPERT, InstitutionKind.MIGRATION_PROVINCE),
        decider=member(Role.DECIDING_OFFICER, InstitutionKind.MIGRATION_PROVINCE),
        protection=member(Role.PROTECTION_OFFICER, InstitutionKind.MIGRATION_PROVINCE),
    )


class _Story:
    """One invented case, told through the services day by day until its end or until today."""

    def __init__(self, chance: Random, team: Team, opened: date, today: date) -> None:
        self.chance, self.team, self.day, self.today = chance, team, opened, today
        self.is_child = chance.random() < 0.18
        self.form = chance.choice(FORMS)

    def tell(self, end: str) -> None:
        """Take the case to `end`: a stage, or `no_signs` for a screening that found none."""
        case = self._open()
        if end == "screening":
            return
        if end == "no_signs":
            self._screen(case, has_signs=False)
            cases.close_without_signs(case.reference, by=self.team.frontline, on=self.day, reason="no_signs")
            return
        self._screen(case, has_signs=True)
        if end == "preliminary":
            return
        for stage, step in (
            ("referred", self._refer),
            ("identification", self._identify),
            ("drafted", lambda case: self._draft(case, refuses=end == "not_recognised")),
            ("decided", lambda case: self._decide(case, refuses=end == "not_recognised")),
        ):
            step(case)
            if stage == end:
                return
        if end in {"protection", "closed"}:
            self._protect(case)
        if end == "closed":
            self._later(60, 300)
            reason = self.chance.choice(("support_completed", "returned", "settled", "withdrew", "lost_contact"))
            cases.close_case(case.reference, by=self.team.protection, on=self.day, reason=reason)

    def _later(self, least: int, most: int) -> None:
        self.day = min(self.day + timedelta(days=self.chance.randint(least, most)), self.today)

    def _open(self) -> Case:
        case = cases.open_case(
            self._person(), by=self.team.frontline, on=self.day,
            signal=self.chance.choice(("helpline_157", "police_operation", "border_check", "ngo", "self", "public")),
        )  # fmt: skip
        self.is_child = case.is_child  # a person whose year alone is known may be presumed a child
        child = {"labour": Profile.CHILD_LABOUR, "sexual": Profile.CHILD_SEXUAL}
        adult = {"labour": Profile.ADULT_LABOUR, "sexual": Profile.ADULT_SEXUAL}
        profiles = child if self.is_child else adult
        cases.start_screening(
            case.reference, by=self.team.frontline, held_on=self.day, place="police_station",
            profile=profiles["sexual" if self.form in {"sexual", "forced_marriage"} else "labour"],
        )  # fmt: skip
        return case

    def _person(self) -> Person:
        chance, citizenship = self.chance, self.chance.choice(list(NAMES))
        given, family = NAMES[citizenship]
        age = chance.randint(11, 17) if self.is_child else chance.randint(18, 54)
        born = date(self.day.year - age, chance.randint(1, 12), chance.randint(1, 28))
        is_exact = chance.random() < 0.6
        details = PersonDetails(
            names=(NameGiven(kind="given", given=chance.choice(given), family=chance.choice(family)),),
            sex="male" if chance.random() < 0.25 else "female",
            majority=Majority.CHILD if self.is_child else Majority.ADULT,
            birth=RoughDate(
                born if is_exact else born.replace(month=1, day=1), Precision.DAY if is_exact else Precision.YEAR
            ),
            citizenships=(citizenship,),
            languages=("tr",) if citizenship == "TR" else ("ru",),
            needs_interpreter=citizenship != "TR",
            may_be_called=True,
            contact_rule="agreed_hours",
            contacts=(
                ContactGiven(
                    kind="mobile", value=f"+90 555 000 {chance.randint(0, 99):02} {chance.randint(0, 99):02}"
                ),
            ),
            documents=(
                DocumentGiven(kind="passport", number=f"X{chance.randint(10**7, 10**8 - 1)}", country=citizenship),
            )
            if chance.random() < 0.5
            else (),
        )
        return persons.record_person(details, by=self.team.frontline, met_on=self.day)

    def _papers(self, country: str) -> tuple[DocumentGiven, ...]:
        if self.chance.random() < 0.5:
            return ()
        return (DocumentGiven(kind="passport", number=f"X{self.chance.randint(10**7, 10**8 - 1)}", country=country),)

    def _screen(self, case: Case, *, has_signs: bool) -> None:
        screening = case.screenings.get()
        yes, no = (0.45, 0.3) if has_signs else (0.03, 0.8)
        asked = list(indicator_weights(screening.profile, self.day))
        dangers = [code.code for code in codes("immediate_danger")]
        answers = {question: self._said(yes / 4, 0.9) for question in dangers}
        answers |= {question: self._said(yes, no) for question in asked}
        cases.answer_questions(screening.reference, answers, by=self.team.frontline)
        conclusion = Screening.Conclusion.SIGNS if has_signs else Screening.Conclusion.NO_SIGNS
        cases.conclude_screening(
            screening.reference, by=self.team.frontline, on=self.day, conclusion=conclusion,
            dissent="Gösterim kaydı: görüşmecinin gerekçesi uydurmadır.",
        )  # fmt: skip

    def _said(self, yes: float, no: float) -> str:
        drawn = self.chance.random()
        return "yes" if drawn < yes * 0.8 else "observed" if drawn < yes else "no" if drawn < yes + no else "unknown"

    def _refer(self, case: Case) -> None:
        self._interview(case, "preliminary", by=self.team.frontline)
        cases.refer_for_identification(case.reference, by=self.team.frontline, on=self.day)

    def _identify(self, case: Case) -> None:
        self._later(1, 10)
        cases.begin_identification(case.reference, by=self.team.expert, on=self.day)
        self._later(0, 12)
        self._interview(case, "identification", by=self.team.expert)
        cases.record_episode(
            case.reference, by=self.team.expert, forms=[self.form], sector="I" if self.form == "labour" else "",
            means=[] if self.is_child else ["withholds_documents", "threats_exposure"],
            recruitment=["online_advertisement"], recruiter_relation="agent", countries=["TR"],
            began_on=date(self.day.year - 1, 1, 1), began_precision=Precision.YEAR, ended_on=self.day,
            place="Uydurma bir iş yeri",
        )  # fmt: skip
        cases.record_alleged_perpetrator(case.reference, by=self.team.expert, role="recruiter", relation="agent")

    def _interview(self, case: Case, kind: str, *, by: User) -> None:
        cases.record_interview(
            case.reference, by=by, kind=kind, held_on=self.day, language="tr", interpreter="in_person",
            guardian="social_worker" if self.is_child else "", rights_explained=True,
            narrative="Gösterim kaydı. Bu görüşme yapılmadı, anlatılanlar uydurmadır.",
        )  # fmt: skip

    def _draft(self, case: Case, *, refuses: bool) -> None:
        self._later(1, 8)
        grounds = ["no_purpose", "labour_dispute_only"] if refuses else ["act_shown", "purpose_shown"]
        cases.draft_decision(
            case.reference, by=self.team.expert, on=self.day,
            proposed=Outcome.NOT_RECOGNISED if refuses else Outcome.RECOGNISED,
            act_found=True, means_found=None if self.is_child else not refuses, purpose_found=not refuses,
            grounds_codes=[*grounds, *(() if self.is_child or refuses else ("means_shown",))],
            provision="refusal_ground" if refuses else "recognition_ground",
            grounds="Gösterim kaydı: gerekçe uydurmadır.",
        )  # fmt: skip

    def _decide(self, case: Case, *, refuses: bool) -> None:
        self._later(1, 6)
        case.refresh_from_db()
        cases.decide(
            case.reference, by=self.team.decider, on=self.day, version=case.version,
            outcome=Outcome.NOT_RECOGNISED if refuses else Outcome.RECOGNISED,
            reasons="Gösterim kaydı: karar gerekçesi uydurmadır.",
        )  # fmt: skip

    def _protect(self, case: Case) -> None:
        persons.give_consent(
            case.person.reference, by=self.team.protection, purpose="shelter",
            recipient=self.team.protection.institution, categories=["identity", "contact", "health"], language="tr",
            given_how="written", given_on=self.day, guardian_agreed=True if self.is_child else None,
        )  # fmt: skip
        cases.begin_protection(case.reference, by=self.team.protection, on=self.day)
