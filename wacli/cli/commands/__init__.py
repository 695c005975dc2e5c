"""One module for each noun a person types."""
