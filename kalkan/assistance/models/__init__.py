"""The tables of the room, a file for each topic."""

from kalkan.assistance.models.directory import Service as Service
from kalkan.assistance.models.documents import OfficialDocument as OfficialDocument
from kalkan.assistance.models.papers import PaperCheck as PaperCheck
from kalkan.assistance.models.pathways import Pathway as Pathway
from kalkan.assistance.models.pathways import PathwayStep as PathwayStep
from kalkan.assistance.models.promises import Promise as Promise
from kalkan.assistance.models.promises import Reminder as Reminder
from kalkan.assistance.models.referrals import Referral as Referral
from kalkan.assistance.models.referrals import ReferralCode as ReferralCode
from kalkan.assistance.models.referrals import ReferralMessage as ReferralMessage
from kalkan.assistance.models.referrals import ReferralMove as ReferralMove
from kalkan.assistance.models.referrals import ReferralPackage as ReferralPackage
