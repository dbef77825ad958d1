"""Exact duplicates after cleaning, and near-duplicates by MinHash."""
