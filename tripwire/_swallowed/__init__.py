"""Who caught a violation, and whether they named it."""
