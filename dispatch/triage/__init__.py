"""Requests classified by the rules, placed, and made into work orders."""

from .orders import classify, grade_customers, order_outages, order_services

__all__ = ["classify", "grade_customers", "order_outages", "order_services"]
