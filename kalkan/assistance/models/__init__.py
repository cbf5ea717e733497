"""The tables of the room, a file for each topic."""

from kalkan.assistance.models.gate import GateCheck as GateCheck
from kalkan.assistance.models.permits import Permit as Permit
from kalkan.assistance.models.promises import Promise as Promise
from kalkan.assistance.models.promises import Reminder as Reminder
from kalkan.assistance.models.returns import ReturnFollowUp as ReturnFollowUp
from kalkan.assistance.models.returns import ReturnPlan as ReturnPlan
