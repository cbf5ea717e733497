"""Pages that need several rooms, and what all pages share: base templates, components, static sources."""
