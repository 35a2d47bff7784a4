"""The suite: a folder for each part of the house, and in it a file for each room or claim."""
