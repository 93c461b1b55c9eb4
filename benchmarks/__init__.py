"""Speed, as ratios between peers on the same machine in the same run.

Each measurement runs ours and its peers in turn, several rounds, so that the machine's moods fall on all of them; each
tells the CPU time of every process that took part, what else was running, and whether the result was exact.
"""
