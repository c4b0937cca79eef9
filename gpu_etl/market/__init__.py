"""What the numbers mean: pure analysis of prices and talk, one formula a module."""
