"""The picture for programs: GeoJSON, RSS, CAP 1.2, and tables in the fields that agencies gather.

References
----------
OASIS, Common Alerting Protocol 1.2 (2010). IETF RFC 7946, GeoJSON. RSS 2.0. The columns of `eaglei.csv` are
those of Brelsford et al., Scientific Data 11, 271 (2024); `outages.csv` takes its names from IEC 61968-3.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as Xml

from .areas import Area, corners
from .picture import Picture, PublicOutage
from .words import TAGS, Wording

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
# An alert that nobody renews says itself when it is old.
CAP_HOURS = 24
EAGLE_I = ("fips_code", "county", "state", "customers_out", "run_start_time")
ODIN = (
    *("mRID", "utilityName", "outageType", "statusKind", "reportedStartTime", "estimatedRestorationTime"),
    *("plannedEndTime", "cause", "customersAffectedFrom", "customersAffectedTo", "communityDescriptor"),
)


def as_json(picture: Picture) -> str:
    """The whole picture, as plain as the page has it."""
    data = {
        "utility": picture.utility,
        "asOf": picture.as_of.isoformat(),
        "exercise": picture.synthetic,
        "customers": picture.customers,
        "customersOut": picture.out,
        "leastCustomers": picture.least,
        "outages": [_properties(each) for each in picture.outages],
        "notShown": picture.small,
        "planned": [_properties(each) for each in picture.planned],
        "plannedNotShown": picture.small_planned,
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_geojson(picture: Picture) -> str:
    """A feature for each outage and planned outage; without a geometry where it has no place."""
    features = [
        {
            "type": "Feature",
            "id": each.id,
            "geometry": _geometry(each.areas),
            "properties": _properties(each),
        }
        for each in (*picture.outages, *picture.planned)
    ]
    data = {"type": "FeatureCollection", "asOf": picture.as_of.isoformat(), "features": features}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _properties(outage: PublicOutage) -> dict[str, Any]:
    return {
        "id": outage.id,
        "state": outage.state,
        "since": outage.since.isoformat(),
        "until": outage.ends.isoformat() if outage.ends else None,
        "customersFrom": outage.fewest,
        "customersTo": outage.most,
        "cause": outage.cause,
        "etr": outage.etr.isoformat() if outage.etr else None,
        "areas": [{"id": area.id, "box": area.box, "streets": area.streets} for area in outage.areas],
    }


def _geometry(areas: Iterable[Area]) -> dict[str, Any] | None:
    rings = [[[list(point) for point in corners(area.box)]] for area in areas]
    return {"type": "MultiPolygon", "coordinates": rings} if rings else None


def as_rss(picture: Picture, language: str, root: str) -> str:
    """What is out and what is planned, newest first.

    Parameters
    ----------
    root : address of the folder, ending in a slash; empty where nobody said.
    """
    words = Wording(language)
    rss = Xml.Element("rss", version="2.0")
    channel = Xml.SubElement(rss, "channel")
    page = root + ("index.html" if language == "en" else f"{language}.html")
    told = {
        "title": f"{picture.utility}: {words('title')}",
        "link": page,
        "description": words("renewed"),
        "language": TAGS[language],
        "lastBuildDate": format_datetime(picture.as_of),
        "ttl": "5",
    }
    _children(channel, told)
    for outage in sorted((*picture.outages, *picture.planned), key=lambda each: each.since, reverse=True):
        item = Xml.SubElement(channel, "item")
        told = {
            "title": words.headline(outage),
            "link": f"{page}#{outage.id}",
            "description": said(words, outage),
        }
        _children(item, told)
        guid = Xml.SubElement(item, "guid", isPermaLink="false")
        guid.text = outage.id
        _children(item, {"pubDate": format_datetime(outage.since)})
    return _written(rss)


def said(words: Wording, outage: PublicOutage) -> str:
    """An outage in sentences without verbs: since, customers, cause, state, estimate."""
    end = outage.ends or outage.etr
    pairs = (
        ("since" if outage.ends is None else "from", words.moment(outage.since)),
        ("etr" if outage.ends is None else "to", words.moment(end) if end else words("etr_none")),
        ("customers", words.customers(outage)),
        ("cause", words.cause(outage)),
        ("state", words(f"state.{outage.state}")),
    )
    colon, stop = ("：", "；") if words.language == "zh" else (": ", "; ")
    return stop.join(f"{words(name)}{colon}{text}" for name, text in pairs)


def as_cap(picture: Picture, outage: PublicOutage, sender: str) -> str:
    """One outage as an alert in both languages."""
    alert = Xml.Element("alert", xmlns=CAP)
    sent = picture.as_of
    head = {
        "identifier": f"{outage.id}-{int(sent.timestamp())}",
        "sender": sender,
        "sent": _cap_time(sent),
        "status": "Exercise" if picture.synthetic else "Actual",
        "msgType": "Alert",
        "scope": "Public",
    }
    _children(alert, head)
    for language in ("en", "zh"):
        _cap_info(alert, outage, sent, Wording(language), picture.utility)
    return _written(alert)


def _cap_info(alert: Xml.Element, outage: PublicOutage, sent: datetime, words: Wording, utility: str) -> None:
    info = Xml.SubElement(alert, "info")
    planned = outage.ends is not None
    told = {
        "language": "zh-CN" if words.language == "zh" else "en-US",
        "category": "Infra",
        "event": words("planned" if planned else "title"),
        "urgency": "Future" if planned and outage.since > sent else "Immediate",
        "severity": "Minor" if planned else "Moderate",
        "certainty": "Likely" if planned else "Observed",
        "onset": _cap_time(outage.since),
        "expires": _cap_time(outage.ends or sent + timedelta(hours=CAP_HOURS)),
        "senderName": utility,
        "headline": words.headline(outage),
        "description": said(words, outage),
        "instruction": words("danger"),
    }
    _children(info, told)
    area = Xml.SubElement(info, "area")
    _children(area, {"areaDesc": words.place(outage)})
    for each in outage.areas:
        polygon = Xml.SubElement(area, "polygon")
        polygon.text = " ".join(f"{lat:.4f},{lon:.4f}" for lon, lat in corners(each.box))


def _cap_time(when: datetime) -> str:
    """A time as CAP wants it: whole seconds, and the offset in figures even where it is none."""
    text = when.isoformat(timespec="seconds")
    return text.replace("+00:00", "-00:00")


def as_outages_csv(picture: Picture) -> str:
    """A line for each outage and planned outage."""
    rows = [
        {
            "mRID": each.id,
            "utilityName": picture.utility,
            "outageType": "planned" if each.ends else "unplanned",
            "statusKind": each.state,
            "reportedStartTime": each.since.isoformat(),
            "estimatedRestorationTime": each.etr.isoformat() if each.etr else "",
            "plannedEndTime": each.ends.isoformat() if each.ends else "",
            "cause": each.cause or "",
            "customersAffectedFrom": each.fewest,
            "customersAffectedTo": "" if each.most is None else each.most,
            "communityDescriptor": ";".join(area.id for area in each.areas),
        }
        for each in (*picture.outages, *picture.planned)
    ]
    return _table(ODIN, rows)


def as_eagle_i(picture: Picture, county: Mapping[str, str]) -> str:
    """One line for the whole supply area, as the county-level records have it.

    Parameters
    ----------
    county : fips_code, county and state of the utility, empty where it has none.
    """
    row = {name: county.get(name, "") for name in EAGLE_I[:3]}
    started = picture.as_of.astimezone(UTC)
    told = {
        "customers_out": "" if picture.out is None else picture.out,
        "run_start_time": f"{started:%Y-%m-%d %H:%M:%S}",
    }
    return _table(EAGLE_I, [row | told])


def _table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    file = io.StringIO()
    names = list(columns)
    writer = csv.DictWriter(file, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in names} for row in rows)
    return file.getvalue()


def _cell(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _children(parent: Xml.Element, told: Mapping[str, str]) -> None:
    for name, text in told.items():
        Xml.SubElement(parent, name).text = clean(text)


def clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return "".join(sign for sign in text if sign.isprintable() or sign == " ")


def _written(element: Xml.Element) -> str:
    Xml.indent(element)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(element, encoding="unicode") + "\n"
