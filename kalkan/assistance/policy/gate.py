"""Whose questions to the gate a user sees: those of the own institution; of the own province for its authority."""

from kalkan.access.policy import Rows, by_place
from kalkan.access.roles import Permission
from kalkan.assistance.models import GateCheck

checks = Rows(
    GateCheck,
    scope=lambda user: by_place(user, institution="institution", province="province"),
    needs=Permission.GATE_ASK,
)
