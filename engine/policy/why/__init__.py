"""Why a job does not start, what would help, and what if: by the rules that decide."""
