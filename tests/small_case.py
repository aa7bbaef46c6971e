"""A complete case small enough to know by heart: 30 corners, two feeders, 12 customers, 2 crews.

Streets run every 200 m, five from west to east (First Street the southernmost)
and six from south to north; corner ``n<column><row>``. The substation stands at n00.

    substation B0 -[BR-1]- B1 ---L1--- B2 -[RC-1]- B3 ---L2--- B4 -[FU-1]- B5 ---L3--- B6
                                       T1 at B2    T2 at B3    T3 at B4                T4 at B6
    substation B0 -[BR-2]- B7 ---L4--- B8 -[TIE-1, open]- B4
                                       T5 at B8
"""

from __future__ import annotations

from pathlib import Path

WEST, SOUTH = -71.2600, -29.9100
STEP_LON, STEP_LAT = 0.002076, 0.001805
"""200 m in degrees at this latitude."""
COLUMNS, ROWS = 6, 5
STREETS = ("First Street", "Second Street", "Third Street", "Fourth Street", "Fifth Street")
AVENUES = ("Alder Avenue", "Birch Avenue", "Cedar Avenue", "Elm Avenue", "Fir Avenue", "Hazel Avenue")

SETTINGS = """\
name: Small town
time_zone: America/Santiago
now: 2026-07-14T18:30:00-04:00
language: en
policy: cn
synthetic: everything in this case is made up
"""

BUSES = """\
id,lon,lat,kind,substation,feeder,voltage_kv
B0,{n00},source,Harbour,,13.2
B1,{n10},bus,,,13.2
B2,{n20},bus,,,13.2
B3,{n30},bus,,,13.2
B4,{n32},bus,,,13.2
B5,{n42},bus,,,13.2
B6,{n44},bus,,,13.2
B7,{n01},bus,,,13.2
B8,{n03},bus,,,13.2
"""

LINES = """\
id,from_bus,to_bus,length_m,kind,rating_kw
L1,B1,B2,200,overhead,3000
L2,B3,B4,400,overhead,3000
L3,B5,B6,400,cable,1000
L4,B7,B8,400,overhead,3000
"""

SWITCHES = """\
id,from_bus,to_bus,kind,control,normal,name
BR-1,B0,B1,breaker,remote,closed,Harbour 1
BR-2,B0,B7,breaker,remote,closed,Harbour 2
RC-1,B2,B3,recloser,manual,closed,Elm recloser
FU-1,B4,B5,fuse,manual,closed,Fir fuse
TIE-1,B8,B4,switch,manual,open,Fourth Street tie
"""

TRANSFORMERS = """\
id,bus,rating_kva,name,lon,lat
T1,B2,100,Cedar,{n20}
T2,B3,100,Elm,{n30}
T3,B4,250,Clinic,{n32}
T4,B6,100,Hazel,{n44}
T5,B8,100,Alder,{n03}
"""

DEPOTS = """\
id,name,lon,lat
D1,Harbour yard,{n00}
D2,North yard,{n54}
"""

CUSTOMERS = """\
id,name,address,lon,lat,transformer,industry,voltage_kv,sources,own_generator_h,welfare,area,phone,access
C01,Ana Rojas,Cedar Avenue 1,{n20},T1,residential,0.22,1,,no,urban,+56 51 200 0001,
C02,Luis Soto,Cedar Avenue 3,{n21},T1,residential,0.22,1,,no,urban,+56 51 200 0002,
C03,李明,Cedar Avenue 5,{n21},T1,residential,0.22,1,,yes,urban,+56 51 200 0003,ring twice
C04,Eva Diaz,Elm Avenue 2,{n30},T2,residential,0.22,1,,no,urban,+56 51 200 0004,
C05,Elm Bakery,Elm Avenue 4,{n31},T2,commercial,0.22,1,,no,urban,+56 51 200 0005,
C06,South Clinic,Third Street 40,{n32},T3,hospital,13.2,1,8,no,urban,+56 51 200 0006,gate code 4711
C07,Hugo Paz,Third Street 41,{n32},T3,residential,0.22,1,,no,urban,+56 51 200 0007,
C08,Ines Gil,Third Street 44,{n42},T3,residential,0.22,1,,no,urban,+56 51 200 0008,
C09,Juan Mora,Fir Avenue 9,{n44},T4,residential,0.22,1,,no,rural,+56 51 200 0009,
C10,Karin Vera,Fir Avenue 11,{n43},T4,residential,0.22,1,,no,rural,+56 51 200 0010,dog
C11,Leo Cruz,Alder Avenue 7,{n03},T5,residential,0.22,1,,no,urban,+56 51 200 0011,
C12,Mia Pino,Alder Avenue 8,{n02},T5,residential,0.22,1,,no,urban,+56 51 200 0012,
"""

CREWS = """\
id,name,depot,shift_start,shift_end,skills,people,vehicle,stock,breaks,overtime_min,phone
crew-1,Crew 1,D1,2026-07-14T16:00:00-04:00,2026-07-15T00:00:00-04:00,hv;lv;switching;tree,2,Truck 11,\
fuse:4;pole:1;transformer:1,,120,+56 9 100 0001
crew-2,Crew 2,D2,2026-07-14T18:00:00-04:00,2026-07-15T02:00:00-04:00,\
hv;lv;cable;switching;metering,3,Truck 12,\
fuse:2;lv_cable_kit:2;mv_joint_kit:1;meter:2,21:00-22:30/30,120,+56 9 100 0002
"""

REQUESTS = """\
id,received_at,words,channel,customer,address,lon,lat,phone,kind,appointment_from,appointment_to
R1,2026-07-14T18:02:00-04:00,No power since six,phone,C09,,,,+56 51 200 0009,,,
R2,2026-07-14T18:04:00-04:00,the whole street is dark,phone,C10,,,,+56 51 200 0010,,,
R3,2026-07-14T18:06:00-04:00,no light,app,C01,,,,,outage,,
R4,2026-07-14T18:09:00-04:00,A wire is lying on the road,phone,,\
Fifth Street / Cedar Avenue,{n24},+56 9 555 0101,,,
R5,2026-07-14T15:30:00-04:00,meter shows an error,web,C12,,,,,metering,\
2026-07-14T19:00:00-04:00,2026-07-14T21:00:00-04:00
R6,2026-07-14T18:11:00-04:00,家里停电了,phone,C09,,,,,,,
"""
ROSTER = """\
id,crew,start,end,from
one,crew-1,08:00,16:00,2026-07-15
two,crew-2,08:00,16:00,2026-07-15
"""


def corner(column: int, row: int) -> tuple[float, float]:
    """Longitude and latitude of the corner of an avenue (0-5) and a street (0-4)."""
    return round(WEST + column * STEP_LON, 6), round(SOUTH + row * STEP_LAT, 6)


def write_small_case(folder: Path) -> Path:
    """Write the case's files into `folder` (made when absent) and return it."""
    places = {
        f"n{column}{row}": "{},{}".format(*corner(column, row))
        for column in range(COLUMNS)
        for row in range(ROWS)
    }
    files = {
        "settings.yaml": SETTINGS,
        "customers.csv": CUSTOMERS,
        "crews.csv": CREWS,
        "depots.csv": DEPOTS,
        "requests.csv": REQUESTS,
        "roads_nodes.csv": _road_nodes(),
        "roads_edges.csv": _road_edges(),
        "grid/buses.csv": BUSES,
        "grid/lines.csv": LINES,
        "grid/switches.csv": SWITCHES,
        "grid/transformers.csv": TRANSFORMERS,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**places) if "{n" in text else text, encoding="utf-8")
    return folder


def write_rostered_case(folder: Path) -> Path:
    """Write the small case with crews that are on again on the days to come."""
    write_small_case(folder)
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return folder


def _road_nodes() -> str:
    rows = ["id,lon,lat"]
    for column in range(COLUMNS):
        for row in range(ROWS):
            rows.append("n{}{},{},{}".format(column, row, *corner(column, row)))
    return "\n".join(rows) + "\n"


def _road_edges() -> str:
    rows = ["u,v,length_m,highway,maxspeed_kmh,name"]
    for column in range(COLUMNS):
        for row in range(ROWS):
            here = f"n{column}{row}"
            if column + 1 < COLUMNS:
                rows += _both_ways(here, f"n{column + 1}{row}", STREETS[row])
            if row + 1 < ROWS:
                rows += _both_ways(here, f"n{column}{row + 1}", AVENUES[column])
    return "\n".join(rows) + "\n"


def _both_ways(start: str, end: str, name: str) -> list[str]:
    return [f"{a},{b},200,residential,,{name}" for a, b in ((start, end), (end, start))]
