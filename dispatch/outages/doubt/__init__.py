"""What is believed while little is known: devices with chances, customers out as a range."""
