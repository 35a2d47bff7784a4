"""memcached itself, minus the server: what answers, looks, stands still and is asserted."""
