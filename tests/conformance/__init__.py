"""The library beside what it stands for: a real memcached, and a model of the rules."""
