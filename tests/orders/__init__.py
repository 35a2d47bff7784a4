"""`memcache.interleave`: a scenario of pymemcache's calls, run in every order that matters."""
