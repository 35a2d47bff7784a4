"""Time, waiting and locks of the threads that run a scenario."""
