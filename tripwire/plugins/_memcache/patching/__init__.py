"""What is put on the clients of pymemcache, and whom a call that meets it is meant for."""
