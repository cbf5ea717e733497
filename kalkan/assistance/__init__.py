"""What a person receives: needs, directory of services, referrals, support, shelter, permits, return, documents."""
