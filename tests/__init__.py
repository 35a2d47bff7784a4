"""The suite: a file per room of the package, and some for what is around it."""
