"""Speed, as ratios between peers on the same machine in the same run."""
