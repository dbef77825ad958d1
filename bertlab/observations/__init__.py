"""What there is to notice: sentences that hold for the numbers just computed, or nothing."""
