"""The customer desk: complaints, urging, what is mine, the customers of a manager."""
