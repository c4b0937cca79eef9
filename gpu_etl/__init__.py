"""A self-hosted observatory of the GPU market."""
