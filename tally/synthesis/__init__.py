"""Differentially private tables and records: what is published is computed from noisy counts and from nothing else."""
