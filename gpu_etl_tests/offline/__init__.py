"""The day as one file."""
