"""Speed, as ratios of medians in one run; never part of the tests."""
