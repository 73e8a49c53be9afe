"""From models to figures: predictions out of fold, scores, intervals, confidence, robustness."""
