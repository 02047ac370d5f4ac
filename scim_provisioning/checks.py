"""System checks: misuse is told at start, with an id and a fix."""
