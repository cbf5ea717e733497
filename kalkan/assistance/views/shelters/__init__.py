"""The pages of shelters: the house, a stay, and how full all houses are."""
