"""The tables of the room, a file for each topic."""

from kalkan.assistance.models.documents import OfficialDocument as OfficialDocument
from kalkan.assistance.models.papers import PaperCheck as PaperCheck
from kalkan.assistance.models.promises import Promise as Promise
from kalkan.assistance.models.promises import Reminder as Reminder
