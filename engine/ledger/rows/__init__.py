"""What is submitted, as rows: jobs, arrays, flows, and how they grow."""
