"""Who may come in: admission, quotas and backpressure."""
