"""The budgets of the design, measured as ratios against a bare reference in the same run."""
