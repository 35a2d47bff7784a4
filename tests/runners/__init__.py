"""Every way in which unittest, and what stands on it, runs a strict test."""
