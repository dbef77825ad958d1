"""What comes before Start: the data, the settings, the estimate."""
