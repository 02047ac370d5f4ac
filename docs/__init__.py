"""The documentation: its pages, and what is read out of the code when they are built."""
