"""What all blueprints share; knows no blueprint."""
