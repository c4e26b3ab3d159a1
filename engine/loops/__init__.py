"""What happens: each loop looks, asks a policy, writes the decisions, and waits."""
