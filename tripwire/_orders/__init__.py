"""Every order: which are tried, and the workers that run in them."""
