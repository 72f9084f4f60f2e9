"""Stand-ins for the providers' control planes: as strict as the real ones, and what is uploaded really runs."""
