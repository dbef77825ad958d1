"""A run on its page: while it waits, while it trains, and once it is over."""
