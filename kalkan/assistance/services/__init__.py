"""What officers do for a person, a file for each topic. Each verb is one transaction."""
