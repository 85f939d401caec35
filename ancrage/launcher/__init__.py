"""All of it on one machine: one parent that starts, watches and stops two children."""
