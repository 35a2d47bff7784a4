"""memcached in memory: what it answers, held against the real one."""
