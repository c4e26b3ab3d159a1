"""The engine: durable, fenced, explainable jobs on the machines that you can reach."""
