"""What leaves the house: the public's page and feeds, events for other systems, critical sites."""
