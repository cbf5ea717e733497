"""The house: today, its beds, its staff, what it offers; and how full all houses are."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.policy import has, require
from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.assistance.forms.shelters import AddBedForm, CloseBedForm, IncidentForm, ShelterForm, ShiftForm
from kalkan.assistance.lifecycle.shelters import Part
from kalkan.assistance.models import Bed, Shelter
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.selectors import shelters as selectors
from kalkan.assistance.services import shelters as services
from kalkan.assistance.views.shelters.base import FormView, HouseView
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible


@require_http_methods(["GET"])
def shelter(request: SignedInRequest) -> HttpResponse:
    """The house today: requests to answer, residents, who is away, what happened, who is on duty."""
    require(request.user, Permission.STAYS_MANAGE)
    own = selectors.own_shelter(request.user)
    if own is None:
        return render(request, "assistance/shelters/home.html", {"institution": request.user.institution})
    found = selectors.home(request.user, own)
    stays = [*found["residents"], *found["requests"], *found["waiting"]]
    record(Event.STAYS_LISTED, *stays, *services.cases_of(stays), by=request.user, facts={"shown": len(stays)})
    return render(request, "assistance/shelters/home.html", found | {"institution": own.institution})


@require_http_methods(["GET", "POST"])
def beds(request: SignedInRequest) -> HttpResponse:
    """The board of beds, and one more bed."""
    require(request.user, Permission.STAYS_MANAGE)
    own = selectors.own_shelter(request.user)
    if own is None:
        return redirect("assistance:shelter")
    form = AddBedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.add_bed(
                by=request.user, room=said["room"], kind=said["bed_kind"], request_key=said["request_key"]
            )
        except NotPossible as refusal:
            form.add_error("room", str(refusal))
        else:
            return redirect("assistance:beds")
    board = selectors.board(request.user, own, timezone.localdate())
    stays = [place.stay for place in board if place.stay is not None]
    record(Event.STAYS_LISTED, *stays, *services.cases_of(stays), by=request.user, facts={"shown": len(stays)})
    rooms: dict[str, list[selectors.Place]] = {}
    for place in board:
        rooms.setdefault(place.bed.room, []).append(place)
    free = sum(place.stay is None and place.closure is None for place in board)
    context = {"rooms": rooms, "form": form, "total": len(board), "free": free}
    return render(request, "assistance/shelters/beds.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
def occupancy(request: SignedInRequest) -> HttpResponse:
    """How full every shelter is, by its code: counts, no person, no place."""
    rows = selectors.occupancy(request.user)
    record(Event.STAYS_LISTED, by=request.user, facts={"list": "occupancy"})
    totals = {name: sum(getattr(row, name) for row in rows) for name in ("beds", "closed", "taken", "free", "waiting")}
    context = {"rows": rows, "totals": totals, "may_export": has(request.user, Permission.EXPORT_RUN)}
    return render(request, "assistance/shelters/occupancy.html", context)


class ProfileView(HouseView):
    form_class = ShelterForm
    title = gettext_lazy("What the house offers")
    lead = gettext_lazy("Those who look for a place see this and the code of the house, never where it is.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("Saved.")

    def refusal(self, found: Shelter | None) -> str:
        return ""

    def form_options(self, found: Shelter | None) -> dict[str, Any]:
        if found is None:
            return {}
        initial = {name: getattr(found, name) for name in ("profiles", "residents_per_staff", "version")}
        return {"initial": initial | {"is_accessible": "yes" if found.is_accessible else "no"}}

    def act(self, found: Shelter | None, form: Any) -> Any:
        return services.keep_shelter(by=self.officer, **form.cleaned_data)


class BedView(FormView):
    """Take one bed out of service, or put it back."""

    form_class = CloseBedForm
    title = gettext_lazy("Take a bed out of service")
    submit = gettext_lazy("Take out of service")
    done = gettext_lazy("The bed is out of service.")

    def find(self, **named: UUID) -> Bed:
        return policy.beds.fetch(self.officer, reference=named["reference"])

    def back(self, found: Bed) -> str:
        return reverse("assistance:beds")

    def back_label(self, found: Bed) -> str:
        return _("Beds")

    def frame(self, found: Bed) -> dict[str, Any]:
        return super().frame(found) | {"lead": _("Bed %(bed)s") % {"bed": found}}

    def act(self, found: Bed, form: Any) -> Any:
        return services.close_bed(found.reference, by=self.officer, **form.cleaned_data)


@require_http_methods(["POST"])
def open_bed(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Put a bed back into service."""
    services.open_bed(reference, by=cast(SignedInRequest, request).user)
    return redirect("assistance:beds")


class ShiftView(HouseView):
    form_class = ShiftForm
    title = gettext_lazy("Who is on duty")
    lead = gettext_lazy("How many of the staff are there on each shift of a day.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("Saved.")

    def form_options(self, found: Shelter | None) -> dict[str, Any]:
        if found is None:
            return {}
        known = selectors.shifts_of(self.officer, found, timezone.localdate())
        return {"initial": {f"staff_{part}": number for part, number in known.items()}}

    def act(self, found: Shelter | None, form: Any) -> Any:
        said = form.cleaned_data
        staff = {part.value: said[f"staff_{part.value}"] for part in Part}
        return services.plan_shift(by=self.officer, day=said["day"], staff=staff)


class ReportIncidentView(HouseView):
    form_class = IncidentForm
    title = gettext_lazy("Report an incident")
    lead = gettext_lazy("In danger call 112 first.")
    submit = gettext_lazy("Report")
    done = gettext_lazy("The incident is reported.")

    def form_options(self, found: Shelter | None) -> dict[str, Any]:
        return {"stays": [] if found is None else selectors.residents(self.officer, found)}

    def act(self, found: Shelter | None, form: Any) -> Any:
        said = dict(form.cleaned_data)
        stay = said.pop("stay")
        kind = said.pop("incident")
        return services.report_incident(
            by=self.officer, kind=kind, stay=stay.reference if stay is not None else None, **said
        )
