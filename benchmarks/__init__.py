"""Measurements, printed as ratios against peers in one run. None of them is a test."""
