"""Random calendars, and who is on call by them as the libraries icalendar and recurring-ical-events read them.

Reads one request a line as JSON from standard input, {"seed": N, "zone": NAME of the schedule}, and answers each with one line of
JSON: {"text": the calendar, "from": second, "to": second, "shifts": [[from, to, [people]], ...]}. It shares nothing with the
code that is compared. The libraries are handed each event without its zone, so that they reckon its times on its wall;
what instants these are is found here, by the rules in the documentation of the schedule module, with Python's zoneinfo.

{"zone": N, "probes": [second, ...]} is answered with the offsets in seconds at those instants.
"""

import datetime
import json
import random
import sys
import zoneinfo

import dateutil.rrule
import icalendar
import recurring_ical_events

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ZONES = [
    "Europe/London", "America/Chicago", "Australia/Lord_Howe", "Asia/Shanghai", "America/Sao_Paulo", "Africa/Cairo",
    "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu", "Antarctica/Troll",
]
PEOPLE = ["ada", "bob", "cai", "dan"]
UTC = datetime.timezone.utc
SECOND = datetime.timedelta(seconds=1)
DAY = datetime.timedelta(days=1)
TIMES = ["%Y%m%dT%H%M%S", "%Y%m%d"]


def seconds(instant):
    return int(instant.timestamp())


def shows(zone, second):
    return datetime.datetime.fromtimestamp(second, zone).replace(tzinfo=None)


def change_between(zone, low, high):
    """The instant of the one change of the offset between two seconds."""
    offset = lambda second: datetime.datetime.fromtimestamp(second, zone).utcoffset()
    before = offset(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    return high


def instant(zone, wall, is_end):
    """The first instant at which the clock shows a time, for an end the last; after a gap where it never does."""
    early, late = (seconds(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if shows(zone, early) != wall:
        return change_between(zone, late, early)
    return max(early, late) if is_end else min(early, late)


class Maker:
    def __init__(self, seed, schedule_zone):
        self.random = random.Random(seed)
        self.schedule_zone = schedule_zone
        self.lines, self.occurrences = [], []

    def chance(self, part):
        return self.random.random() < part

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(1, min(most, len(values))))

    def rule(self):
        """A rule that calendars write, without its end."""
        freq = self.random.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
        parts = {"FREQ": freq}
        if self.chance(0.6):
            most = {"DAILY": 9, "WEEKLY": 5, "MONTHLY": 4, "YEARLY": 2}[freq]
            parts["INTERVAL"] = str(self.random.randint(1, most))
        if self.chance(0.4):
            parts["WKST"] = self.random.choice(DAYS)
        months = ",".join(str(month) for month in sorted(self.some(range(1, 13), 5)))
        days = lambda most: self.some(DAYS, most)
        month_days = ",".join(str(day) for day in self.some([*range(1, 32), *range(-31, 0)], 4))
        if freq in ("DAILY", "WEEKLY") and self.chance(0.6):
            parts["BYDAY"] = ",".join(days(5))
        if freq == "DAILY" and self.chance(0.2):
            parts["BYMONTHDAY"] = month_days
        if freq in ("MONTHLY", "YEARLY"):
            most = 4
            kind = self.random.choice(["", "day", "ordinal", "month_day", "both"])
            if kind == "ordinal":
                most = 4 if freq == "MONTHLY" or self.chance(0.5) else 9
                number = lambda: self.random.choice([1, -1]) * self.random.randint(1, most)
                parts["BYDAY"] = ",".join(f"{number()}{day}" for day in days(2))
            if kind in ("day", "both"):
                parts["BYDAY"] = ",".join(days(3))
            if kind in ("month_day", "both"):
                parts["BYMONTHDAY"] = month_days
            if kind in ("day", "ordinal", "month_day") and self.chance(0.4):
                parts["BYSETPOS"] = ",".join(str(n) for n in self.some([1, 2, 3, -1, -2], 2))
            # The ninth Monday is one of a year, never of a month.
            large = kind == "ordinal" and most > 4
            if freq == "YEARLY" and not large and self.chance(0.5):
                parts["BYMONTH"] = months
        if freq != "YEARLY" and self.chance(0.15):
            parts["BYMONTH"] = months
        return parts

    def start(self, rule, start):
        """The first time of a rule from a time on: what a rule makes of another beginning is not defined."""
        text = ";".join(f"{key}={value}" for key, value in rule.items())
        for _ in range(4):
            first = dateutil.rrule.rrulestr(text, dtstart=start).after(start, inc=True)
            if first is None or first == start:
                return first
            start = first
        return None

    def written(self, wall):
        """A time of this event: in its zone, in UTC or in another zone, each with its parameters."""
        if self.is_day:
            return ";VALUE=DATE:" + wall.strftime("%Y%m%d")
        exact = instant(self.zone, wall, False) == instant(self.zone, wall, True) and shows(
            self.zone, instant(self.zone, wall, False)) == wall
        how = self.random.choice(["own", "own", "utc", "other"]) if exact else "own"
        there = datetime.datetime.fromtimestamp(instant(self.zone, wall, False), UTC)
        if how == "utc":
            return ":" + there.strftime("%Y%m%dT%H%M%SZ")
        if how == "other":
            name = self.random.choice(ZONES)
            local = there.astimezone(zoneinfo.ZoneInfo(name)).replace(tzinfo=None)
            other = zoneinfo.ZoneInfo(name)
            if instant(other, local, False) == instant(other, local, True):
                return f";TZID={name}:" + local.strftime("%Y%m%dT%H%M%S")
        return self.own(wall)

    def own(self, wall):
        if self.is_day:
            return ";VALUE=DATE:" + wall.strftime("%Y%m%d")
        if self.kind == "utc":
            return ":" + wall.strftime("%Y%m%dT%H%M%SZ")
        if self.kind == "floating":
            return ":" + wall.strftime("%Y%m%dT%H%M%S")
        return f";TZID={self.zone.key}:" + wall.strftime("%Y%m%dT%H%M%S")

    def plain(self, wall):
        return (";VALUE=DATE:%Y%m%d" if self.is_day else ":%Y%m%dT%H%M%S") and (
            ";VALUE=DATE:" + wall.strftime("%Y%m%d") if self.is_day else ":" + wall.strftime("%Y%m%dT%H%M%S"))

    def ends(self, start, length):
        if self.chance(0.5):
            return ["DTEND" + self.own(start + length)], ["DTEND" + self.plain(start + length)]
        days, rest = divmod(int(length.total_seconds()), 86400)
        text = "P" + (f"{days}D" if days else "") + (f"T{rest}S" if rest else "")
        return ["DURATION:" + text], ["DTEND" + self.plain(start + length)]

    def event(self, number):
        self.kind = self.random.choice(["zone", "zone", "zone", "utc", "floating", "day"])
        self.is_day = self.kind == "day"
        if self.kind == "zone":
            self.zone = zoneinfo.ZoneInfo(self.random.choice(ZONES))
        else:
            self.zone = zoneinfo.ZoneInfo("UTC") if self.kind == "utc" else self.schedule_zone
        start = datetime.datetime(2024, 1, 1) + DAY * self.random.randint(0, 900)
        if not self.is_day:
            start += datetime.timedelta(minutes=30 * self.random.randint(0, 47))
        length = DAY * self.random.randint(1, 8)
        if not self.is_day and self.chance(0.7):
            length = datetime.timedelta(minutes=30 * self.random.randint(1, 60))
        rule = self.rule() if self.chance(0.85) else None
        if rule is not None:
            start = self.start(rule, start)
            if start is None or start.year > 2030:
                return
        uid, who = f"event-{number}", self.random.choice(PEOPLE)
        ours = [f"UID:{uid}", f"SUMMARY:{who}", "DTSTART" + self.own(start)]
        theirs = [f"UID:{uid}", f"SUMMARY:{who}", "DTSTART" + self.plain(start)]
        end = self.ends(start, length)
        ours += end[0]
        theirs += end[1]
        times = [start]
        if rule is not None:
            text, plain = self.limited(rule, start)
            ours.append("RRULE:" + text)
            theirs.append("RRULE:" + plain)
            every = dateutil.rrule.rrulestr(plain, dtstart=start)
            times = list(every.between(start, start + DAY * 1500, inc=True))[:60]
        added = [start + DAY * self.random.randint(1, 400) for _ in range(self.random.randint(0, 2))]
        added = [one for one in added if self.chance(0.5) and one not in times]
        for one in added:
            ours.append("RDATE" + self.written(one))
            theirs.append("RDATE" + self.plain(one))
        moved = []
        for one in self.some(times, 3) if self.chance(0.6) and rule is not None else []:
            self.except_(one, (ours, theirs), (uid, length, moved))
        self.lines += ["BEGIN:VEVENT", *ours, "END:VEVENT"]
        plain = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *theirs, "END:VEVENT"]
        for own, other in moved:
            self.lines += ["BEGIN:VEVENT", *own, "END:VEVENT"]
            if other:
                plain += ["BEGIN:VEVENT", *other, "END:VEVENT"]
        self.read("\r\n".join([*plain, "END:VCALENDAR", ""]))

    def limited(self, rule, start):
        """A rule with an end or without, as written and for the wall."""
        text = ";".join(f"{key}={value}" for key, value in rule.items())
        how = self.random.choice(["", "count", "until"])
        if how == "count":
            text += f";COUNT={self.random.randint(1, 40)}"
        if how != "until":
            return text, text
        until = start + DAY * self.random.randint(0, 700)
        if self.is_day:
            return f"{text};UNTIL={until:%Y%m%d}", f"{text};UNTIL={until:%Y%m%d}"
        exact = instant(self.zone, until, False)
        if shows(self.zone, exact) != until or exact != instant(self.zone, until, True):
            return text, text
        there = datetime.datetime.fromtimestamp(exact, UTC)
        return f"{text};UNTIL={there:%Y%m%dT%H%M%SZ}", f"{text};UNTIL={until:%Y%m%dT%H%M%S}"

    def except_(self, one, lines, event):
        """Takes one time of a series out, or puts it elsewhere."""
        (ours, theirs), (uid, length, moved) = lines, event
        how = self.random.choice(["exdate", "moved", "cancelled"])
        if how == "exdate":
            ours.append("EXDATE" + self.written(one))
            theirs.append("EXDATE" + self.plain(one))
            return
        who = self.random.choice(PEOPLE)
        own = [f"UID:{uid}", f"SUMMARY:{who}", "RECURRENCE-ID" + self.written(one)]
        if how == "cancelled":
            theirs.append("EXDATE" + self.plain(one))
            moved.append(([*own, "DTSTART" + self.own(one), "STATUS:CANCELLED"] + self.ends(one, length)[0], None))
            return
        to = one + DAY * self.random.randint(-2, 2)
        if not self.is_day:
            to += datetime.timedelta(minutes=30 * self.random.randint(-6, 6))
        end = self.ends(to, length)
        other = [f"UID:{uid}", f"SUMMARY:{who}", "RECURRENCE-ID" + self.plain(one), "DTSTART" + self.plain(to)]
        moved.append(([*own, "DTSTART" + self.own(to)] + end[0], other + end[1]))

    def read(self, text):
        """What the libraries make of an event, as instants."""
        calendar = icalendar.Calendar.from_ical(text)
        low = datetime.datetime(2023, 12, 1)
        for found in recurring_ical_events.of(calendar).between(low, low + DAY * 1200):
            walls = []
            for name in ("DTSTART", "DTEND"):
                wall = found[name].dt
                if not isinstance(wall, datetime.datetime):
                    wall = datetime.datetime(wall.year, wall.month, wall.day)
                walls.append(wall.replace(tzinfo=None))
            begins, ends = instant(self.zone, walls[0], False), instant(self.zone, walls[1], True)
            if begins < ends:
                self.occurrences.append((begins, ends, str(found["SUMMARY"])))


def shifts(occurrences, begins, ends):
    edges = {begins, ends}
    for first, last, _ in occurrences:
        edges |= {min(max(edge, begins), ends) for edge in (first, last)}
    edges, told = sorted(edges), []
    for first, last in zip(edges, edges[1:]):
        people = sorted({who for start, end, who in occurrences if start <= first < end})
        if not people:
            continue
        if told and told[-1][1] == first and told[-1][2] == people:
            told[-1][1] = last
        else:
            told.append([first, last, people])
    return told


def answer(request):
    zone = zoneinfo.ZoneInfo(request["zone"])
    if "probes" in request:
        at = lambda second: datetime.datetime.fromtimestamp(second, zone)
        return [int(at(second).utcoffset().total_seconds()) for second in request["probes"]]
    maker = Maker(request["seed"], zone)
    maker.lines.append("BEGIN:VCALENDAR")
    for number in range(maker.random.randint(1, 4)):
        maker.event(number)
    maker.lines.append("END:VCALENDAR")
    begins = seconds(datetime.datetime(2024, 1, 1, tzinfo=UTC) + DAY * maker.random.randint(0, 300))
    ends = begins + 86400 * 700
    return {
        "text": "\r\n".join(maker.lines) + "\r\n",
        "from": begins,
        "to": ends,
        "shifts": shifts(maker.occurrences, begins, ends),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
