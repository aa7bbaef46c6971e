"""The API: routes for programs, their answers, and the document that describes them."""
