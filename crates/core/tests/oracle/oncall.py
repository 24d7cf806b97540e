"""Who is on call, found by looking at every minute.

Reads one request a line as JSON from standard input and answers each with one line of JSON. It is
written from the rules in the documentation of the schedule module and shares nothing with the code: clocks
come from Python's zoneinfo, and a wall time is never turned into an instant. Instead the clock is read at
each minute, and two running figures decide:

- `reached`, the latest time that the clock has shown up to this minute. A beginning or a handover has come
  when its wall time is reached: the first occurrence, or the end of the gap.
- `least` and `next`, the earliest times that the clock will show from this minute on, and after it. An end
  has not come as long as the clock will still show an earlier time, or will come to show the very time again.

{"zone": N, "probes": [second, ...]} is answered with the offsets in seconds at those instants, so that the
caller can see that both sides read the same data.
{"schedule": {...}, "from": minute, "to": minute, "overrides": [...]} is answered with [[minute, [people]], ...]:
who is on call from that minute on, at `from` and at each change before `to`. Minutes are counted from 1970 in UTC.
"""

import bisect
import calendar
import datetime
import itertools
import json
import sys
import zoneinfo

DAY = 1440
MINUTE = datetime.timedelta(minutes=1)
WEEK = 7 * DAY
# Around the part that is looked at: a date line can move the clock by a day.
MARGIN = 27 * 60
# A window lasts up to a week.
DAYS_AROUND = 12
EPOCH = datetime.datetime(1970, 1, 1)
WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
PACE = {"hourly": 60, "daily": DAY, "weekly": WEEK}


def on_wall(when):
    """A wall time as minutes since 1970 on that wall."""
    return int((when - EPOCH).total_seconds()) // 60


def date_of(wall):
    return (EPOCH + datetime.timedelta(minutes=wall)).date()


def midnight(day):
    return on_wall(datetime.datetime(day.year, day.month, day.day))


def sunday_zero(day):
    return (day.weekday() + 1) % 7


class Clock:
    """What the clock shows at each minute, with the running figures."""

    def __init__(self, zone, first, last):
        zone = zoneinfo.ZoneInfo(zone)
        self.first, self.last = first, last
        self.start = first - MARGIN
        shown = []
        for minute in range(self.start, last + MARGIN):
            offset = datetime.datetime.fromtimestamp(minute * 60, zone).utcoffset()
            shown.append(minute + offset // MINUTE)
        self.shown = shown
        self.reached = list(itertools.accumulate(shown, max))
        self.least = list(itertools.accumulate(reversed(shown), min))[::-1]

    def at(self, minute):
        return minute - self.start

    def begun_from(self, wall):
        """The first minute of the part at which a beginning at `wall` has come."""
        found = bisect.bisect_left(self.reached, wall, self.at(self.first), self.at(self.last))
        return self.start + found

    def ended_from(self, wall):
        """The first minute of the part at which an end at `wall` has come."""
        low, high = self.at(self.first), self.at(self.last)
        while low < high:
            middle = (low + high) // 2
            to_come = self.least[middle] < wall or self.least[middle + 1] <= wall
            low, high = (middle + 1, high) if to_come else (low, middle)
        return self.start + low


def minutes_of(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def moment(text):
    if " " in text:
        day, time = text.split(" ")
        return WEEKDAYS.index(day), minutes_of(time)
    return None, minutes_of(text)


def days_named(words):
    if words is None:
        return set(range(7))
    named = set()
    for word in words:
        first, _, last = word.partition(":")
        last = last or first
        named |= set(range(WEEKDAYS.index(first), WEEKDAYS.index(last) + 1))
    return named


def is_day(table, day, on):
    special = table.get(day.isoformat())
    weekend = day.weekday() >= 5
    workday = special == "workday" or (special is None and not weekend)
    return {
        "any_day": True,
        "workdays": workday,
        "days_off": not workday,
        "holidays": special == "holiday",
    }[on]


def windows(restriction, table, first_day, last_day):
    """The windows of a restriction as (beginning, end) on the wall."""
    on = restriction.get("on", "any_day")
    first, start = moment(restriction["from"]) if restriction.get("from") else (None, 0)
    last, end = moment(restriction["to"]) if restriction.get("to") else (None, DAY)
    if first is None:
        days = days_named(restriction.get("days"))
        length = end - start if end > start else end + DAY - start
    else:
        days = {first}
        # A whole week is not nothing.
        length = (last - first) % 7 * DAY + end - start
        length = length if length == WEEK else length % WEEK
    day = first_day
    while day <= last_day:
        if sunday_zero(day) in days and is_day(table, day, on):
            begins = midnight(day) + start
            yield begins, begins + length
        day += datetime.timedelta(days=1)


def length_of(text):
    unit = {"m": 1, "h": 60, "d": DAY, "w": WEEK}
    total, number = 0, ""
    for letter in text:
        if letter.isdigit():
            number += letter
        else:
            total += int(number) * unit[letter]
            number = ""
    return total


def months_on(start, months):
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


class Layer:
    def __init__(self, spec, table, clock):
        self.turns = [[turn] if isinstance(turn, str) else turn for turn in spec["people"]]
        starts = datetime.datetime.fromisoformat(spec["starts"])
        self.starts = on_wall(starts)
        self.months, self.number, self.lengths = None, 0, []
        every = spec.get("every") or 1
        if spec["rotation"] == "monthly":
            self.first_month, self.months = starts, every
        elif spec["rotation"] == "custom":
            self.lengths = [length_of(text) for text in spec["lengths"]]
        else:
            self.lengths = [PACE[spec["rotation"]] * every]
        self.total = sum(self.lengths)
        self.anchor = self.counted_from(starts, spec.get("handover") or {})
        self.begins = clock.begun_from(self.starts)
        self.ends = clock.ended_from(on_wall(datetime.datetime.fromisoformat(spec["until"]))) if spec.get("until") else clock.last
        self.open = None
        if spec.get("only"):
            self.open = self.minutes_open(spec["only"], table, clock)

    @staticmethod
    def counted_from(starts, handover):
        """The last moment of handover at or before the start, found by going back minute by day."""
        time = minutes_of(handover["time"]) if handover.get("time") else starts.hour * 60 + starts.minute
        day = starts.date()
        while True:
            moment = midnight(day) + time
            fits = not handover.get("weekday") or WEEKDAYS[sunday_zero(day)] == handover["weekday"]
            if fits and moment <= on_wall(starts):
                return moment
            day -= datetime.timedelta(days=1)

    @staticmethod
    def minutes_open(restrictions, table, clock):
        around = datetime.timedelta(days=DAYS_AROUND)
        first = date_of(clock.shown[0]) - around
        last = date_of(clock.shown[-1]) + around
        opened = [False] * (clock.last - clock.first)
        for restriction in restrictions:
            for begins, ends in windows(restriction, table, first, last):
                for minute in range(clock.begun_from(begins), clock.ended_from(ends)):
                    opened[minute - clock.first] = True
        return opened

    def turn(self, reached):
        """Whose turn it is once the clock has reached a time: handovers up to then are counted."""
        if self.months is not None:
            # What the clock has reached only grows, so that the count goes on where it stood.
            while on_wall(months_on(self.first_month, (self.number + 1) * self.months)) <= reached:
                self.number += 1
            number = self.number
        else:
            rounds, rest = divmod(reached - self.anchor, self.total)
            number = rounds * len(self.lengths)
            for length in self.lengths:
                if rest < length:
                    break
                rest -= length
                number += 1
        return self.turns[number % len(self.turns)]

    def at(self, minute, clock):
        if not self.begins <= minute < self.ends:
            return None
        if self.open is not None and not self.open[minute - clock.first]:
            return None
        return self.turn(clock.reached[clock.at(minute)])


def overridden(people, overrides, minute):
    holding = [one for one in overrides if one["from"] <= minute < one["to"]]
    for one in holding:
        if "cover" in one:
            return one["cover"]
    there = []
    for person in people:
        who = person
        for one in holding:
            if one.get("absent") == person:
                who = one.get("by")
        if who is not None and who not in there:
            there.append(who)
    return there


def answer(request):
    spec = request["schedule"]
    clock = Clock(spec["timezone"], request["from"], request["to"])
    table = {line["date"]: line["kind"] for line in spec.get("calendar", [])}
    layers = [Layer(layer, table, clock) for layer in spec["layers"]]
    overrides = request.get("overrides", [])
    changes = []
    for minute in range(clock.first, clock.last):
        people = []
        for layer in layers:
            people = layer.at(minute, clock) or people
        people = overridden(people, overrides, minute)
        if not changes or changes[-1][1] != people:
            changes.append([minute, people])
    return changes


def offsets(request):
    zone = zoneinfo.ZoneInfo(request["zone"])
    moments = (datetime.datetime.fromtimestamp(second, zone) for second in request["probes"])
    return [int(moment.utcoffset().total_seconds()) for moment in moments]


def main():
    for line in sys.stdin:
        request = json.loads(line)
        reply = offsets(request) if "zone" in request else answer(request)
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
