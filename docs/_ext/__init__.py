"""What Sphinx needs to make tables out of the code and out of the names of the tests."""
