"""What runs on behalf of hooks: standard library only, in the processes of their jobs."""
