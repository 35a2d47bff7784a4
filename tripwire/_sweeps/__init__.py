"""Every fault: what its rounds are made of, and how they are judged."""
