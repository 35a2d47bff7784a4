"""How pymemcache is mocked: the table of commands, the socket, the patch, the replies."""
