"""Every order: the search, the workers, their time and locks, the report."""
