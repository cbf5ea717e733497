"""Pages of persons: search before recording, record, look, reveal, correct, consent, judge."""
