"""Submissions on their way in: few or many, admitted, stored, and acknowledged."""
