"""Each module builds its assets from a registry: systems, nodes, the loop's steps."""
