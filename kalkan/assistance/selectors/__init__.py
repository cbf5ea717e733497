"""Looking at what a person receives. Rows come through the policy; nothing here writes."""
