"""Each official document filled with invented words, in any of its languages."""

from kalkan.assistance.lifecycle.documents import (
    Consent,
    Content,
    Decision,
    DocumentKind,
    EvaluationReport,
    Filled,
    Identification,
    Information,
    Issued,
    Language,
    Named,
    Part,
    PermitRequest,
    ReferralLetter,
    ReturnAgreement,
    Rule,
    Sheet,
    Term,
    Version,
)

NAMES = {
    Language.TURKISH: "Gülşen Işıklı Öğüt",
    Language.ENGLISH: "Anna Maria Eriksson",
    Language.ARABIC: "نور الهدى عبد الرحمن",
    Language.PERSIAN: "پریسا کیانی‌پور",
    Language.RUSSIAN: "Айгуль Жээнбекова",
}
TEXTS = {
    Language.TURKISH: "Uydurma açıklama: kişi güvenlik nedeniyle desteğe gereksinim duyuyor.",
    Language.ENGLISH: "Invented explanation: the person needs support for reasons of safety.",
    Language.ARABIC: "توضيح مُختلَق: يحتاج الشخص إلى الدعم لأسباب تتعلق بالسلامة (الملف 2026-06-000123).",
    Language.PERSIAN: "توضیح ساختگی: شخص به دلایل ایمنی به حمایت نیاز دارد (پروندهٔ 2026-06-000123).",
    Language.RUSSIAN: "Вымышленное пояснение: лицо нуждается в поддержке по соображениям безопасности.",
}
RULE = Rule("RG 17.03.2016, 29656 sayılı Yönetmelik m. 22", "Uydurma hüküm metni.", is_verified=False)
ISSUED = Issued("2026-06-000123", "Ankara İl Göç İdaresi Müdürlüğü", "Ankara", "22.11.2026", "7F3A91C2")


def content(kind: DocumentKind, language: Language, *, name: str = "") -> Content:
    """The content of one document. `name` stands in the person's name."""
    text = TEXTS[language]
    person = Named(
        name or NAMES[language], "Nur Alhuda Abdulrahman" if language == Language.ARABIC else "", "14.02.1999",
        "female", ("Suriye",), ("Pasaport · Suriye · N 01234567",),
    )  # fmt: skip
    sheet = Sheet(text, "3", False, (Part("", (text,)), Part(text, (text, text), (text, text))))
    match kind:
        case DocumentKind.IDENTIFICATION:
            return Identification(
                person, "01.11.2026", text, True, "10.11.2026", "Arapça", "", "", True, "Deneme Kişisi", RULE
            )
        case DocumentKind.DECISION:
            return Decision(
                person, "recognised", "12.11.2026", "Deneme Kişisi 1", "16.11.2026", "Deneme Kişisi 2",
                ("act", "means", "purpose"), ("act_shown", "means_shown", "indicators_positive"), text, text, RULE,
            )  # fmt: skip
        case DocumentKind.INFORMATION:
            return Information(sheet)
        case DocumentKind.CONSENT:
            return Consent(person, sheet, (text, text), needs_guardian=True)
        case DocumentKind.EVALUATION_REPORT:
            return EvaluationReport(
                person, "5D0C27A1", "extend_permit", Term("safety"), ("01.06.2026", "12.11.2026"),
                (text, text) if language == Language.TURKISH else (), "Deneme Kişisi 1", "12.11.2026",
                "Deneme Kişisi 2", "16.11.2026", RULE,
            )  # fmt: skip
        case DocumentKind.PERMIT_REQUEST:
            return PermitRequest(
                person, "Ankara", True, "01.12.2026", "31.05.2027",
                (("01.11.2026", "01.12.2026"), ("01.12.2026", "01.06.2027")), Term("health"), "Deneme Kişisi", RULE,
                "5D0C27A1 · 12.11.2026",
            )  # fmt: skip
        case DocumentKind.REFERRAL_LETTER:
            return ReferralLetter(
                "Deneme Derneği", text, True, "24.11.2026 16:00", "Ankara İl Göç İdaresi Müdürlüğü", "Deneme Kişisi",
                "deneme@kalkan.invalid", "K7QF-3M9P-TX2H-9WRA", "https://kalkan.invalid/assistance/retrieve/",
                "06.12.2026", RULE,
            )  # fmt: skip
    return ReturnAgreement(
        person, "Uydurma ülke", "", "20.11.2026", "27.11.2026", "Uydurma kuruluş", Term("social_worker"),
        Term("laissez_passer"), "1, 3, 6, 12", "Deneme Kişisi 1", "Deneme Kişisi 2", "28.11.2026", RULE,
    )  # fmt: skip


def filled(kind: DocumentKind, language: Language, *, name: str = "") -> Filled:
    """The document in Turkish and `language`."""
    languages = dict.fromkeys((Language.TURKISH, language))
    return Filled(tuple(Version(one, ISSUED, content(kind, one, name=name)) for one in languages))
