"""Tests of the house itself: who may import whom, what is public, whether the docs say what the code does."""
