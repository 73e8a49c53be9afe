"""From pictures to a trained network: heads, crops, teacher, student."""
