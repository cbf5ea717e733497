"""The tables of the room, a file for each topic."""

from kalkan.assistance.models.promises import Promise as Promise
from kalkan.assistance.models.promises import Reminder as Reminder
from kalkan.assistance.models.shelters import Absence as Absence
from kalkan.assistance.models.shelters import Bed as Bed
from kalkan.assistance.models.shelters import BedClosure as BedClosure
from kalkan.assistance.models.shelters import BedUse as BedUse
from kalkan.assistance.models.shelters import CensusDay as CensusDay
from kalkan.assistance.models.shelters import CensusRow as CensusRow
from kalkan.assistance.models.shelters import Incident as Incident
from kalkan.assistance.models.shelters import Shelter as Shelter
from kalkan.assistance.models.shelters import Shift as Shift
from kalkan.assistance.models.shelters import Stay as Stay
