"""What the customer desk does: owners, managers, complaints, urging; one part of the desk each."""
