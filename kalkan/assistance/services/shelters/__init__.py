"""What a shelter and a protection officer do about a stay. Each verb is one transaction."""

from kalkan.assistance.services.shelters.census import take_census
from kalkan.assistance.services.shelters.house import add_bed, close_bed, keep_shelter, open_bed, plan_shift
from kalkan.assistance.services.shelters.living import (
    end_absence,
    follow_up_incident,
    record_absence,
    report_incident,
    review_stay,
)
from kalkan.assistance.services.shelters.stays import (
    admit,
    assess_stay,
    decline_stay,
    end_stay,
    keep_waiting,
    move_bed,
    request_stay,
    see_to_stay,
    withdraw_stay,
)
from kalkan.assistance.services.shelters.steps import cases_of

__all__ = [
    "add_bed",
    "admit",
    "assess_stay",
    "cases_of",
    "close_bed",
    "decline_stay",
    "end_absence",
    "end_stay",
    "follow_up_incident",
    "keep_shelter",
    "keep_waiting",
    "move_bed",
    "open_bed",
    "plan_shift",
    "record_absence",
    "report_incident",
    "request_stay",
    "review_stay",
    "see_to_stay",
    "take_census",
    "withdraw_stay",
]
