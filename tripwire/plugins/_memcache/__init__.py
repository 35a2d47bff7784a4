"""How pymemcache is mocked: its commands, one call on its way, who answers it, what is said."""
