"""What others need to test what they bring: the contracts that ours pass too. Needs pytest."""
