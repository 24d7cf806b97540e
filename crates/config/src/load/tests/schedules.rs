//! Schedules: what they compile to, and everything that is refused.

use balefire_core::time::Time;

use super::*;

const REST: &str = "
people: {chen-min: {name: 陈敏}, li-wei: {}, wang: {}}
receivers: [{name: ops}]
route: {receiver: ops}
";

fn at(text: &str) -> Time {
    Time::from(text.parse::<jiff::Timestamp>().expect("a time"))
}

/// Who is on call, with blanks.
fn on_call(loaded: &Loaded, schedule: &str, when: &str) -> String {
    let schedule = &loaded.plan.schedules[schedule];
    schedule.on_call_at(at(when)).people.join(" ")
}

#[test]
fn a_schedule_says_who_is_on_call() {
    let loaded = good(&format!(
        "{REST}
schedules:
  ops:
    timezone: Asia/Shanghai
    calendar: china
    layers:
    - {{rotation: weekly, starts: 2026-01-05T09:00, people: [chen-min, [li-wei, wang]]}}
    - name: nights
      rotation: daily
      every: 2
      starts: 2026-01-05T09:00
      until: 2027-01-05T09:00
      handover: {{time: \"18:00\"}}
      people: [\"wang, chen-min\"]
      only: [{{from: 22:00, to: 06:00, days: \"monday:friday\", on: workdays}}]
    overrides:
    - {{from: 2026-03-02T09:00, to: 2026-03-02T10:00:00+08:00, people: wang}}
    - {{from: 2026-03-02T10:00, to: 2026-03-02T11:00, people: []}}
"
    ));
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.summary.schedules, 1);
    let who = |when| on_call(&loaded, "ops", when);
    assert_eq!(who("2026-01-05T09:00:00+08:00"), "chen-min");
    assert_eq!(who("2026-01-12T09:00:00+08:00"), "li-wei wang");
    assert_eq!(who("2026-01-12T23:00:00+08:00"), "wang chen-min");
    assert_eq!(
        who("2026-02-17T23:00:00+08:00"),
        "chen-min",
        "a public holiday's night is not a workday's"
    );
    assert_eq!(who("2026-03-02T09:30:00+08:00"), "wang");
    assert_eq!(who("2026-03-02T10:30:00+08:00"), "");
    let schedule = &loaded.plan.schedules["ops"];
    assert_eq!(schedule.layer_name(1).to_string(), "layer 2 (nights)");
    assert_eq!(
        &*schedule.overrides()[0].id,
        "2026-03-02T01:00:00.000Z/2026-03-02T02:00:00.000Z"
    );
}

#[test]
fn holidays_may_be_written_down_and_turns_may_have_lengths_of_their_own() {
    let loaded = good(&format!(
        "{REST}
schedules:
  days:
    timezone: UTC
    calendar: [{{date: 2026-03-03, kind: holiday}}, {{date: 2026-03-07, kind: workday}}]
    layers:
    - {{rotation: custom, lengths: [5d, 2d], starts: 2026-03-02T00:00, people: [li-wei, wang], only: [{{on: workdays}}]}}
  hours:
    timezone: UTC
    layers: [{{rotation: hourly, every: 12, starts: 2026-03-02T08:00, people: [li-wei, wang]}}]
  months:
    timezone: UTC
    layers: [{{rotation: monthly, starts: 2026-03-31T00:00, people: [li-wei, wang]}}]
"
    ));
    for (schedule, when, who) in [
        ("days", "2026-03-02T12:00:00Z", "li-wei"),
        ("days", "2026-03-03T12:00:00Z", ""),
        ("days", "2026-03-07T12:00:00Z", "wang"),
        ("days", "2026-03-08T12:00:00Z", ""),
        ("hours", "2026-03-02T19:59:00Z", "li-wei"),
        ("hours", "2026-03-02T20:00:00Z", "wang"),
        ("months", "2026-04-29T12:00:00Z", "li-wei"),
        ("months", "2026-04-30T12:00:00Z", "wang"),
    ] {
        assert_eq!(on_call(&loaded, schedule, when), who, "{schedule} {when}");
    }
}

#[test]
fn schedules_whose_form_is_wrong() {
    insta::assert_snapshot!(bad(&format!(
        "{REST}
schedules:
  a b: {{timezone: UTC, layers: [{{rotation: daily, starts: 2026-01-05T09:00, people: [wang]}}]}}
  empty:
  none: {{timezone: UTC, layers: []}}
  zone: {{timezone: Asia/Shanghia, layers: [{{rotation: dayly, every: 0, starts: 2026-01-05T09:00, people: wang}}]}}
  keys:
    timezones: UTC
    layers: [{{rotation: daily, start: 2026-01-05T09:00, people: [wnag, chen-min], only: [{{on: weekdays}}]}}]
"
    )), @r#"
balefire.yml:7:3: schedules["a b"]: a schedule's name is 1 to 64 letters, digits, '-' and '_'; it stands in URLs; write a name such as ops
balefire.yml:8:3: schedules.empty: this schedule is empty; give it a timezone and layers
balefire.yml:9:33: schedules.none.layers: a schedule has 1 to 32 layers, not 0
balefire.yml:10:20: schedules.zone.timezone: "Asia/Shanghia" is not a time zone; did you mean "Asia/Shanghai"?
balefire.yml:10:55: schedules.zone.layers[0].rotation: "dayly" is not possible here; did you mean "daily"?
balefire.yml:10:69: schedules.zone.layers[0].every: 0 is too small; the least is 1
balefire.yml:10:106: schedules.zone.layers[0].people: a list is expected here, not a text; write ["wang"]
balefire.yml:12:5: schedules.keys: the key "timezone" is missing; it says: the zone of its clock
balefire.yml:12:5: schedules.keys.timezones: unknown key; did you mean "timezone"?
balefire.yml:13:14: schedules.keys.layers[0]: the key "starts" is missing; it says: when the first turn begins by the schedule's clock, as 2026-01-05T09:00
balefire.yml:13:32: schedules.keys.layers[0].start: unknown key; did you mean "starts"?
balefire.yml:13:66: schedules.keys.layers[0].people[0]: no person is named "wnag"; did you mean "wang"?
balefire.yml:13:95: schedules.keys.layers[0].only[0].on: "weekdays" is not possible here; did you mean "workdays"?
"#);
}

#[test]
fn layers_that_core_refuses() {
    let layer = "rotation: daily, starts: 2026-01-05T09:00, people: [wang]";
    insta::assert_snapshot!(bad(&format!(
        "{REST}
schedules:
  people:
    timezone: UTC
    layers:
    - {{rotation: daily, starts: 2026-01-05T09:00, people: []}}
    - {{rotation: daily, starts: 2026-01-05T09:00, people: [wang, [], li-wie, [wang, nobody-here]]}}
    - {{rotation: daily, starts: 2026-01-05T09:00, people: [li-wei, [wang, wang]]}}
  turns:
    timezone: UTC
    layers:
    - {{rotation: daily, starts: monday, people: [wang]}}
    - {{rotation: daily, starts: 2026-01-05T09:00:30, people: [wang]}}
    - {{rotation: custom, starts: 2026-01-05T09:00, people: [wang]}}
    - {{rotation: custom, lengths: [5d, soon], starts: 2026-01-05T09:00, people: [wang]}}
    - {{rotation: custom, lengths: [5m], starts: 2026-01-05T09:00, people: [wang]}}
    - {{lengths: [5d], {layer}}}
    - {{rotation: monthly, every: 1000, starts: 2026-01-05T09:00, people: [wang]}}
    - {{until: 2026-01-05T09:00, {layer}}}
    - {{handover: {{time: noon}}, {layer}}}
    - {{handover: {{weekday: monday}}, {layer}}}
    - {{rotation: weekly, handover: {{weekday: moonday}}, starts: 2026-01-05T09:00, people: [wang]}}
  hours:
    timezone: UTC
    calendar: [{{date: 2026-03-03, kind: holiday}}]
    layers:
    - {{only: [{{from: 09:00}}], {layer}}}
    - {{only: [{{}}, {{from: 9am, to: 17:00}}], {layer}}}
    - {{only: [{{from: monday 09:00, to: 17:00}}], {layer}}}
    - {{only: [{{from: 09:00, to: 09:00}}], {layer}}}
    - {{only: [{{from: monday 09:00, to: friday 17:00, on: workdays}}], {layer}}}
    - {{only: [{{days: [weekend]}}], {layer}}}
    - {{only: [{{days: [monday], on: holidays}}], {layer}}}
"
    )), @r#"
balefire.yml:10:59: schedules.people.layers[0].people: nobody is listed; name at least one person
balefire.yml:11:66: schedules.people.layers[1].people[1]: turn 2 has 0 people; 1 to 20
balefire.yml:11:70: schedules.people.layers[1].people[2]: no person is named "li-wie"; did you mean "li-wei"?
balefire.yml:11:85: schedules.people.layers[1].people[3]: no person is named "nobody-here"; known: chen-min, li-wei, wang
balefire.yml:12:68: schedules.people.layers[2].people[1]: "wang" is there twice
balefire.yml:16:33: schedules.turns.layers[0].starts: "monday" is not a time without zone; write 2026-01-05T09:00
balefire.yml:17:33: schedules.turns.layers[1].starts: 2026-01-05T09:00:30 is not a whole minute of the years 1900 to 9000
balefire.yml:18:18: schedules.turns.layers[2].rotation: a custom rotation has 1 to 366 lengths, not 0; write lengths: [5d, 2d]
balefire.yml:19:35: schedules.turns.layers[3].lengths: "soon" is not a length in whole minutes; write 12h, 5d or 1w
balefire.yml:20:35: schedules.turns.layers[4].lengths: turns of 5 minutes: write a length from 15m to 3660d
balefire.yml:21:17: schedules.turns.layers[5].lengths: lengths belongs to another rotation: lengths to custom, every to all others
balefire.yml:22:34: schedules.turns.layers[6].every: turns of 43200000 minutes: write a length from 15m to 3660d
balefire.yml:23:15: schedules.turns.layers[7].until: 2026-01-05T09:00 is not after starts: 2026-01-05T09:00
balefire.yml:24:25: schedules.turns.layers[8].handover.time: "noon" is not a time of day; write HH:MM
balefire.yml:25:28: schedules.turns.layers[9].handover.weekday: a weekday needs a cycle of whole weeks; leave it out, or change the length
balefire.yml:26:46: schedules.turns.layers[10].handover.weekday: "moonday" is not a day of the week
balefire.yml:31:15: schedules.hours.layers[0].only[0]: from and to belong together; leave both out for the whole day
balefire.yml:32:19: schedules.hours.layers[1].only[1]: "9am" is not a time; write HH:MM up to 24:00, or a weekday before it: friday 18:00
balefire.yml:33:15: schedules.hours.layers[2].only[0]: "monday 09:00" to "17:00": give both ends a weekday, or neither
balefire.yml:34:15: schedules.hours.layers[3].only[0]: from and to are both "09:00", so it would never be on; leave both out for the whole day
balefire.yml:35:15: schedules.hours.layers[4].only[0]: from and to name their weekdays already; leave out days and on
balefire.yml:36:15: schedules.hours.layers[5].only[0]: "weekend" is not a day of the week; write monday or monday:friday
balefire.yml:37:15: schedules.hours.layers[6].only[0]: none of its days is ever one of holidays in the calendar, so it would never be on
"#);
}

#[test]
fn calendars_and_overrides_that_do_not_hold() {
    let layers = "layers: [{rotation: daily, starts: 2026-01-05T09:00, people: [wang]}]";
    insta::assert_snapshot!(bad(&format!(
        "{REST}
schedules:
  named: {{timezone: UTC, calendar: chna, {layers}}}
  mapped: {{timezone: UTC, calendar: {{date: 2026-10-01}}, {layers}}}
  listed:
    timezone: UTC
    calendar: [{{date: 2026-13-01, kind: holiday}}, {{date: 2026-10-01, kind: free}}, {{kind: workday}}]
    {layers}
  both:
    timezone: UTC
    calendar:
    - {{date: 2026-10-01, kind: holiday}}
    - {{date: 2026-10-01, kind: workday}}
    {layers}
  overrides:
    timezone: Europe/Berlin
    {layers}
    overrides:
    - {{from: 2026-03-29T02:30, to: 2026-03-30T00:00, people: [wang]}}
    - {{from: 2026-10-25T02:30, to: 2026-10-26T00:00, people: [wang]}}
    - {{from: tomorrow, to: 2026-04-02T00:00, people: [wang]}}
    - {{from: 2026-04-02T00:00, to: 2026-04-01T00:00, people: [wang]}}
    - {{from: 2026-04-10T00:00, to: 2026-04-12T00:00, people: [wnag]}}
    - {{from: 2026-05-10T00:00, to: 2026-05-12T00:00, people: [wang, wang]}}
    - {{from: 2026-06-10T00:00, to: 2026-06-12T00:00, people: wang}}
    - {{from: 2026-06-11T00:00, to: 2026-06-13T00:00, people: li-wei}}
    - {{from: 2026-06-10T00:00, to: 2026-06-12T00:00, people: li-wei}}
  half: {{timezone: UTC, {layers}, overrides: [{{from: 2026-07-10T00:00, people: li-wei}}]}}
"
    )), @r#"
balefire.yml:7:36: schedules.named.calendar: no calendar is called "chna"; write china, or a list of days: [{date: 2026-10-01, kind: holiday}]
balefire.yml:8:37: schedules.mapped.calendar: a list is expected here, not a mapping; put "- " before its first key
balefire.yml:11:23: schedules.listed.calendar[0].date: "2026-13-01" is not a day; write 2026-10-01
balefire.yml:11:76: schedules.listed.calendar[1].kind: "free" is not possible here; known: holiday, workday
balefire.yml:11:83: schedules.listed.calendar[2]: the key "date" is missing; it says: which day, as 2026-10-01
balefire.yml:17:7: schedules.both.calendar: 2026-10-01 is both a holiday and a workday in the calendar; keep one of the two lines
balefire.yml:23:14: schedules.overrides.overrides[0].from: 2026-03-29T02:30:00 never comes in Europe/Berlin: the clock is put forward to 2026-03-29T03:00:00; write that or later
balefire.yml:24:14: schedules.overrides.overrides[1].from: 2026-10-25T02:30:00 comes twice in Europe/Berlin: write 2026-10-25T00:30:00.000Z or 2026-10-25T01:30:00.000Z
balefire.yml:25:14: schedules.overrides.overrides[2].from: "tomorrow" is not a time; write 2026-10-01T09:00 by the schedule's clock, or 2026-10-01T09:00:00+08:00
balefire.yml:26:7: schedules.overrides.overrides[3]: it ends at 2026-03-31T22:00:00.000Z, which is not after its beginning at 2026-04-01T22:00:00.000Z
balefire.yml:27:63: schedules.overrides.overrides[4].people: no person is named "wnag"; did you mean "wang"?
balefire.yml:28:7: schedules.overrides.overrides[5]: these are more than 20 people, or one of them twice; name each once
balefire.yml:30:7: schedules.overrides.overrides[7]: from 2026-06-10T22:00:00.000Z to 2026-06-11T22:00:00.000Z the one at line 29 says who is there, too; end one where the other begins
balefire.yml:31:7: schedules.overrides.overrides[8]: the same time stands here twice; keep one
balefire.yml:32:108: schedules.half.overrides[0]: the key "to" is missing; it says: when it ends, as from
"#);
}

#[test]
fn whoever_is_on_call_may_be_mentioned() {
    let loaded = good(
        "people: {chen-min: {name: 陈敏, phone: \"13800138000\"}, li-wei: {}, wang: {}}
schedules:
  a: {timezone: UTC, layers: [{rotation: daily, starts: 2026-01-05T00:00, people: [[li-wei, wang], chen-min]}]}
  b: {timezone: UTC, layers: [{rotation: daily, starts: 2026-01-05T00:00, people: [chen-min, wang]}]}
accounts: {hook: {kind: webhook, url: \"https://example.com\"}}
receivers: [{name: ops, webhook_configs: [{account: hook, mention: [oncall, wang]}, {account: hook}]}]
route: {receiver: ops}
",
    );
    let entries = &loaded.plan.receivers[0].integrations;
    assert!(entries[0].mention_on_call && !entries[1].mention_on_call);
    assert_eq!(&*entries[0].mention[0], "wang");
    assert!(loaded.plan.people["chen-min"].is_reachable());
    assert!(!loaded.plan.people["wang"].is_reachable());
}

#[test]
fn gaps_are_told_when_somebody_should_be_there_always_or_when_it_is_asked_for() {
    let layer = "rotation: daily, starts: 2026-01-05T00:00, people: [wang]";
    let document = format!(
        "people: {{wang: {{}}}}
schedules:
  always: {{timezone: UTC, layers: [{{{layer}}}]}}
  asked: {{timezone: UTC, gap_notice: 3d, layers: [{{{layer}, only: [{{from: 09:00, to: 18:00}}]}}]}}
  never: {{timezone: UTC, gap_notice: 0s, layers: [{{{layer}}}]}}
  office: {{timezone: UTC, layers: [{{{layer}, only: [{{from: 09:00, to: 18:00}}]}}]}}
receivers: [{{name: ops}}]
route: {{receiver: ops}}
"
    );
    let loaded = good(&document);
    let days = loaded.plan.schedules.values().map(|schedule| {
        let notice = schedule.gap_notice();
        notice.map(|notice| notice.as_secs() / 86_400)
    });
    assert_eq!(
        days.collect::<Vec<_>>(),
        [Some(7), Some(3), None, None],
        "always, asked, never, office"
    );
}

const EVENTS: &str = r"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=China Standard Time:20260105T090000\nDTEND;TZID=China Standard Time:20260112T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:On call: 陈敏\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20260112T010000Z\nDURATION:P1W\nATTENDEE:mailto:FANG@example.com\nSUMMARY:on call\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260119\nSUMMARY:%s\nEND:VEVENT\nEND:VCALENDAR";

#[test]
fn the_events_of_a_calendar_file_say_who_is_on_call() {
    let document = |who: &str, more: &str| {
        let events = EVENTS.replace("%s", who);
        format!(
            "{REST}
schedules:
  ops: {{timezone: Asia/Shanghai, layers: [{{events: \"{events}\", names: {{fang@example.com: wang}}{more}}}]}}
"
        )
    };
    let loaded = good(&document("陈敏", ""));
    assert_eq!(loaded.warnings, []);
    let who = |when| on_call(&loaded, "ops", when);
    assert_eq!(who("2026-01-05T01:00:00Z"), "chen-min");
    assert_eq!(who("2026-01-12T01:00:00Z"), "wang");
    assert_eq!(who("2026-01-26T00:59:59Z"), "chen-min");
    assert_eq!(who("2026-01-26T01:00:00Z"), "");
    let stranger = good(&document("赵六", ""));
    assert_eq!(stranger.warnings.len(), 1, "{:?}", stranger.warnings);
    assert!(
        stranger.warnings[0]
            .to_string()
            .contains("event \"赵六\" names nobody known")
    );
    insta::assert_snapshot!(bad(&document("陈敏", ", rotation: daily, starts: 2026-01-05T09:00")), @r#"
balefire.yml:7:488: schedules.ops.layers[0].rotation: a layer has either events or a rotation; make two layers of it
balefire.yml:7:503: schedules.ops.layers[0].starts: a layer has either events or a rotation; make two layers of it
"#);
    insta::assert_snapshot!(bad(&format!("{REST}
schedules:
  ops: {{timezone: UTC, layers: [{{events: hello, names: {{x: wnag}}}}, {{name: late, starts: 2026-01-05T09:00, people: [wang]}}]}}
  text: {{timezone: UTC, layers: [{{events: hello}}]}}
")), @r#"
balefire.yml:7:60: schedules.ops.layers[0].names.x: no person is named "wnag"; did you mean "wang"?
balefire.yml:7:68: schedules.ops.layers[1]: the key "rotation" is missing; it says: in what turns are measured
balefire.yml:8:43: schedules.text.layers[0].events: is no iCalendar file: it has no BEGIN:VCALENDAR
"#);
}

#[test]
fn a_layer_may_be_fetched_from_an_address_that_is_shown_to_nobody() {
    let loaded = good(&format!(
        "{REST}
schedules:
  ops:
    timezone: Asia/Shanghai
    layers:
    - {{rotation: weekly, starts: 2026-01-05T09:00, people: [wang]}}
    - name: outlook
      events:
        url: webcal://calendar.example.com/private-canary1/basic.ics
        refresh: 30m
        timezone: Europe/Berlin
        http_config: {{basic_auth: {{username: ops, password: canary2}}}}
      names: {{Wei: li-wei}}
    - events: {{url: \"http://127.0.0.1:8080/oncall.ics?key=canary3\"}}
"
    ));
    assert_eq!(loaded.warnings, []);
    let plan = &loaded.plan;
    let [first, second] = plan.calendars.as_slice() else {
        panic!("{:?}", plan.calendars);
    };
    assert_eq!((&*first.schedule, first.layer), ("ops", 1));
    assert_eq!(first.layer_name.as_deref(), Some("outlook"));
    let url = first.url.reveal();
    assert_eq!(
        url,
        "https://calendar.example.com/private-canary1/basic.ics"
    );
    assert_eq!(first.shown, "https://calendar.example.com/…/basic.ics");
    assert_eq!(first.refresh.as_secs(), 30 * 60);
    assert_eq!(first.stale_after.as_secs(), 24 * 3600);
    assert_eq!((second.layer, second.refresh.as_secs()), (2, 15 * 60));
    assert_ne!(first.key, second.key);
    let shown = format!("{}{:?}", plan.redacted_yaml, plan.calendars);
    assert!(shown.contains("url: \"<secret>\""), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
    // Until something is fetched, the rotation below counts.
    assert_eq!(on_call(&loaded, "ops", "2026-11-29T01:00:00Z"), "wang");
}

#[test]
fn addresses_of_calendars_that_cannot_be() {
    insta::assert_snapshot!(bad(&format!(
        "{REST}
schedules:
  ops:
    timezone: UTC
    layers:
    - {{events: {{urk: https://example.com/a.ics}}}}
    - {{events: {{url: ftp://example.com/a.ics, refresh: 1s, stale_after: 2y}}}}
    - {{events: {{url: \"http://169.254.169.254/a.ics\"}}}}
    - {{events: {{url: https://example.com/a.ics, timezone: Mars, http_config: {{bearer: x}}}}}}
    - {{events: {{url: https://example.com/b.ics}}, names: {{Wei: li-wie}}, rotation: daily}}
    - {{events: {{url: https://example.com/b.ics}}}}
    - {{events: [https://example.com/b.ics]}}
"
    )), @r#"
balefire.yml:10:16: schedules.ops.layers[0].events.url: the key "url" is missing; write where the calendar is: url: https://calendar.example.com/oncall.ics
balefire.yml:10:17: schedules.ops.layers[0].events.urk: unknown key; did you mean "url"?
balefire.yml:11:22: schedules.ops.layers[1].events.url: the scheme "ftp" is not supported, only http and https are; write a full http:// or https:// URL
balefire.yml:11:56: schedules.ops.layers[1].events.refresh: 1s is not between 1m and 1d
balefire.yml:11:73: schedules.ops.layers[1].events.stale_after: 2y is not between 15m and 400d
balefire.yml:12:22: schedules.ops.layers[2].events.url: 169.254.169.254 is a cloud metadata address, which is never called; metadata services of clouds are out of reach; use another host
balefire.yml:13:59: schedules.ops.layers[3].events.timezone: "Mars" is not a time zone; write an IANA name such as Asia/Shanghai
balefire.yml:13:79: schedules.ops.layers[3].events.http_config.bearer: unknown key; known: authorization, basic_auth, bearer_token, bearer_token_file, enable_http2, follow_redirects, http_headers, no_proxy, proxy_connect_header, proxy_from_environment, proxy_url, tls_config
balefire.yml:14:63: schedules.ops.layers[4].names.Wei: no person is named "li-wie"; did you mean "li-wei"?
balefire.yml:14:82: schedules.ops.layers[4].rotation: a layer has either events or a rotation; make two layers of it
balefire.yml:15:22: schedules.ops.layers[5].events.url: another layer of this schedule is fetched from this address, too; make one layer of the two
balefire.yml:16:16: schedules.ops.layers[6].events: a text or a mapping is expected here, not a list
"#);
}
