"""What goes wrong around a request: databases that are down, clients that leave, clocks that are wrong."""
