"""What is typed into the prompt: filters, commands, searches."""
