"""What is run: study files, their factors and the points of a design."""
