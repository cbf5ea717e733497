"""The identity vault: names, contacts, documents, consent, matching."""
