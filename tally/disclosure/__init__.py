"""Tables no one can undo: the attack, suppression, rounding, anonymous records and the ledger of what was spent."""
