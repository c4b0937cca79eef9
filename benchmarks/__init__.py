"""What things cost, measured side by side in one run and told as ratios; nothing here is a test."""
