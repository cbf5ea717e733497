"""The tables of the room, a file for each topic."""

from kalkan.assistance.models.care import Booking as Booking
from kalkan.assistance.models.care import CareNote as CareNote
from kalkan.assistance.models.care import CashSupport as CashSupport
from kalkan.assistance.models.care import Companion as Companion
from kalkan.assistance.models.care import Compensation as Compensation
from kalkan.assistance.models.care import Conference as Conference
from kalkan.assistance.models.care import ConferenceDecision as ConferenceDecision
from kalkan.assistance.models.care import ConferenceSeat as ConferenceSeat
from kalkan.assistance.models.care import Interpreter as Interpreter
from kalkan.assistance.models.care import LegalAid as LegalAid
from kalkan.assistance.models.care import LegalStep as LegalStep
from kalkan.assistance.models.programmes import EvaluationReport as EvaluationReport
from kalkan.assistance.models.programmes import Goal as Goal
from kalkan.assistance.models.programmes import InformationGiven as InformationGiven
from kalkan.assistance.models.programmes import NeedsAssessment as NeedsAssessment
from kalkan.assistance.models.programmes import NeedScore as NeedScore
from kalkan.assistance.models.programmes import Programme as Programme
from kalkan.assistance.models.programmes import ProgrammeReview as ProgrammeReview
from kalkan.assistance.models.programmes import ServiceDelivered as ServiceDelivered
from kalkan.assistance.models.promises import Promise as Promise
from kalkan.assistance.models.promises import Reminder as Reminder
