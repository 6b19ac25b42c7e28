"""Numbers: rounding to dtypes, error-free transformations, exact sums."""
