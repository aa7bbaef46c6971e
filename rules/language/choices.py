"""The words that facts of a fixed choice hold."""

from __future__ import annotations

GRADES = ("special", "first", "second", "temporary", "high_hazard", "vip", "welfare", "ordinary")
KINDS = (
    "outage",
    "hazard",
    "power_quality",
    "metering",
    "new_connection",
    "inspection",
    "complaint",
    "enquiry",
    "street_light",
    "planned_work",
)
CATEGORIES = (
    "high_voltage",
    "low_voltage",
    "power_quality",
    "customer_installation",
    "not_electrical",
    "metering",
    "charging_point",
    "none",
)
COMPONENTS = ("line", "cable", "lv_main", "transformer", "switch", "service", "substation", "none")
CAUSES = (
    "tree",
    "equipment",
    "wire_down",
    "animal",
    "vehicle",
    "cable_fault",
    "pole_down",
    "transformer_burnt",
    "weather",
    "fire",
    "flood",
    "overload",
    "third_party",
    "unknown",
)
SKILLS = ("hv", "lv", "cable", "live_line", "metering", "tree", "switching", "control_room")
STOCK = ("fuse", "lv_cable_kit", "mv_joint_kit", "pole", "transformer", "meter", "generator")
TOLD = (
    "supervisor",
    "duty_manager",
    "customer_manager",
    "account_manager",
    "welfare_team",
    "emergency_services",
    "media_desk",
    "customer",
    "important_customers",
    "quality_team",
)
STEPS = ("stand_by", "make_safe", "isolate", "switch", "generator", "repair", "restore", "welfare_call")
MATTERS = (
    "appointment",
    "guarantee",
    "outage_notice",
    "connection",
    "shedding",
    "inspection",
    "danger",
    "quality",
    "repeat",
    "publication",
    "days_ahead",
    "fast_lane",
    "unattended",
    "stop_report",
    "return_report",
)
PROCESS_STEPS = (
    "application",
    "offer",
    "design_review",
    "mid_inspection",
    "final_inspection",
    "commissioning",
)
SEASONS = ("summer", "winter", "usual")
INDUSTRIES = (
    "government",
    "hospital",
    "clinic",
    "emergency",
    "military",
    "telecom",
    "broadcast",
    "data_centre",
    "rail",
    "metro",
    "airport",
    "traffic",
    "water",
    "wastewater",
    "gas",
    "heating",
    "mining",
    "metallurgy",
    "chemical",
    "petroleum",
    "power",
    "manufacturing",
    "electronics",
    "finance",
    "school",
    "university",
    "care_home",
    "prison",
    "venue",
    "hotel",
    "shop",
    "commercial",
    "office",
    "food",
    "agriculture",
    "residential",
    "other",
)
