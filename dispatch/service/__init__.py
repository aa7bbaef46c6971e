"""The customer's half of 95598: complaints, urging, texts, appointments; logic that needs no desk."""
