"""What comes next and how sure that is, and the record of how often it was right."""
