"""The only SQLite in the house: schema, migrations, and one module for each thing kept."""
