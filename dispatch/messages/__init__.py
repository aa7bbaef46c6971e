"""Telling people: what happens becomes messages, and messages are sent once.

`telling` turns events into messages, `announcing` gives notice of planned outages,
`sending` carries the outbox away; `setting_up` puts a teller together. They are imported
one by one, so that a sender need not load a planner.
"""
