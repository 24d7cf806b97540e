# Words of the messages Balefire sends, in English. The same keys stand in every locale; a test
# compares them. Syntax: Project Fluent.

## Title

title-firing = FIRING:{ $count }
title-resolved = RESOLVED:{ $count }
title-missed = FIRED AND RESOLVED:{ $count }
title-tag = [{ $words }]
title-separator = {", "}
title-nameless = Alert
title-more = +{ $count }

## Body

missed-all = { $count ->
    [one] This alert fired and was over before anyone could be told.
   *[other] These { $count } alerts fired and were over before anyone could be told.
}
missed-some = { $count ->
    [one] One of these alerts fired and was over before anyone could be told.
   *[other] { $count } of these alerts fired and were over before anyone could be told.
}
heading-firing = Firing ({ $count })
heading-resolved = Resolved ({ $count })
heading-missed = Fired and resolved ({ $count })
heading-events = Reported ({ $count })
list-more = … and { $count } more
item-since = since { $time }
item-resolved = resolved { $time } after { $duration }
item-separator = {", "}

## Facts

fact-severity = Severity
fact-started = Started
fact-first-started = First started
fact-last-ended = Last resolved
fact-ended = Resolved
fact-reported = Reported
fact-duration = Duration
label-service = Service
label-instance = Instance
label-host = Host
label-job = Job
label-cluster = Cluster
label-namespace = Namespace
label-pod = Pod
label-container = Container
label-node = Node
label-device = Device
label-region = Region
label-env = Environment
label-team = Team
severity-info = Info
severity-warning = Warning
severity-error = Error
severity-critical = Critical
duration-days = { $n }d
duration-hours = { $n }h
duration-minutes = { $n }m
duration-seconds = { $n }s
duration-join = {" "}
duration-none = under 1s

## Links

link-acknowledge = Acknowledge
link-runbook = Runbook
link-dashboard = Dashboard
link-panel = Panel
link-source = Source
link-silence = Silence
link-open = Open in Balefire

## Several messages as one

digest-title = { $count ->
    [one] { $count } notification
   *[other] { $count } notifications
} in one message
digest-why = What waited is told together.
digest-more = { $count ->
    [one] … and { $count } more notification
   *[other] … and { $count } more notifications
}

## Direct, test and own messages

direct-title = Message
test-title = Test from Balefire
test-text = This is a test of the account { $account }. If you can read it, notifications arrive here.
meta-tag = Balefire
meta-dead_letter = A notification could not be delivered
meta-template = A message template failed; the plain message was sent
meta-clock = A clock is off
meta-people = Somebody in people is no longer there, or cannot be asked about
meta-on_call = A schedule has a gap, or an override that does not hold
meta-storm = So much happens that people are told in digests
meta-phone_silent = No telephone asks for the calls that wait
meta-disk_full = The disk is full
meta-store = The store is in trouble
meta-configuration = The configuration on disk is not in force
meta-reminder = A reminder cannot be told
meta-escalation = An escalation reaches nobody
meta-forwarding = Calls are not forwarded to whoever is on call
meta-monitor = What expires cannot be looked at
meta-recipient = Somebody who is to be told cannot be reached
meta-certificate = A certificate is about to expire
meta-other = Something is wrong with Balefire
meta-subject = About

## Pages

page-tag = Page
page-several = { $title } and { $more } more
page-what-to-do = Acknowledge it, or the next in line is called.
page-incident = Incident
page-since = Since
page-taken = { $who } has it: { $title }
page-over = It is over: { $title }
page-role = { $by } gave you a part in the incident, { $role }: { $title }
# A code that shows that somebody is reached by one of their ways.
code-title = Your code: { $code }
code-text = It shows that pages reach you here. It is good for ten minutes.
verifying-call-title = Answer this call to show that calls reach you
verifying-call-text = Nothing has happened. Whoever answers has verified this telephone.

mail-reply = Reply to this mail to acknowledge.
page-reply = Reply { $code } to acknowledge.

# What goes back to somebody who answered a page by a text message. Short: each part of a message is paid for.
reply-taken = You have it: { $title }
reply-taken-before = You have had it since { $at }: { $title }
reply-others = { $by } has it since { $at }: { $title }
reply-over = It is over: { $title }
reply-gone = It is not there any more.
reply-which = Several are open. Reply one of these codes:
reply-one = { $code } { $title }
reply-more = … and { $count } more
reply-nothing = Nothing is open for you.
reply-wrong = No page to you has this code.
reply-unclear = Reply the code of the page, or 1 if there is only one.

## Reminders

reminder-tag = Reminder
reminder-test-tag = Reminder, test
reminder-left = { $name } expires in { $days ->
    [one] { $days } day
   *[other] { $days } days
}
reminder-today = { $name } expires today
reminder-over = { $name } expired { $days ->
    [one] { $days } day
   *[other] { $days } days
} ago
reminder-name = Event
reminder-content = Details
reminder-expires = Expires

## Heartbeats

heartbeat-late = { $name } was not heard of in time: its grace was over at { $time }
heartbeat-unended = { $name } began and did not end: its grace was over at { $time }
heartbeat-failed = { $name } said that it has failed, at { $time }
heartbeat-failed-code = { $name } failed with exit code { $code }, at { $time }
heartbeat-back = { $name } is heard of again

## Console

console-inbox = Inbox
console-skip = Skip to the list
console-language = Language
console-well = Working
console-ill = Cannot store alerts
console-lost = Connection lost; as of
console-firing-count = { $count } firing
console-waiting-count = { $count } waiting to be sent
console-failed-count = { $count } given up since the start
console-only-group = Only this group:
console-show-all = Show all
console-all-quiet = All quiet
console-nothing-yet = Nothing has arrived yet.
console-last-event = The last alert came { $when } from { $source }.
console-older = Older
console-just-now = just now
console-ago = { $span } ago
console-in = in { $span }
console-labels = Labels
console-annotations = Annotations
console-alerts = Alerts
console-deliveries = Deliveries
console-why = Why
console-over-now = over by now
console-more = … and { $count } more
console-unreadable = A message this release cannot read
console-status-firing = firing
console-status-resolved = resolved
console-status-event = event
console-status-digest = digest
console-status-direct = message
console-status-test = test
console-status-meta = about Balefire
console-delivered = delivered to
console-waiting = on its way to
console-retrying = trying again
console-next-try = next try { $when }
console-dead = given up
console-handed-over = failed, handed to the fallback
console-superseded = replaced by a newer one
console-cancelled = no longer wanted
console-receipt-delivered = { $target } has it, says the provider
console-receipt-failed = it did not get to { $target }, says the provider
console-receipt-answered = { $target } picked up, says the provider
console-receipt-pressed = { $target } pressed a key, says the provider
console-receipt-read = { $target } has read it, says the provider
console-receipt-refused = the provider kept it from { $target }
console-tries = { $count } tries
console-reason = Told because
console-reason-first = it is the first word of this group
console-reason-new = new alerts joined the group
console-reason-some-resolved = some alerts of the group are over
console-reason-all-resolved = all alerts of the group are over
console-reason-repeat = nothing changed for the repeat interval
console-reason-direct = it was sent directly, past routing and silences
console-group = Group
console-route = Route
console-timing = Timing
console-fallback = Fallback for
console-muted = Quiet by time interval
console-silenced = Quiet by silence
console-inhibited = Quiet because of
console-silence-words = “{ $comment }” by { $by } until { $until }
console-decision = Decision
console-decision-value = no. { $seq } at { $at }, configuration { $version }
console-pages = Pages
console-reminders = Reminders
console-reminders-none = Nothing expires that anybody asked to be reminded of.
console-reminders-how = Make, change and finish them with
console-reminder-days = Days
console-reminder-told = Told
console-reminder-today = today
console-reminder-left = { $days ->
    [one] { $days } day left
   *[other] { $days } days left
}
console-reminder-over = { $days ->
    [one] { $days } day ago
   *[other] { $days } days ago
}
console-monitors = Looked at daily
console-monitor-looked = Last look
console-people = People
console-people-person = Person
console-people-way = Way
console-people-verified = Verified
console-people-never = never
console-people-sent = a code was sent
console-people-verify = Send a code
console-people-code = Code
console-people-confirm = Confirm
console-people-none = The document names no people with a way to be paged.
console-people-how = Whoever says the code that came is reached there. The same by
console-people-platforms = At the platforms
console-people-platform = Platform and id
console-people-stands = Stands
console-people-named = Still named by:
console-people-document = from the document
console-people-not-asked = not asked yet
console-people-not-answered = the platform does not say
console-people-looked-up = looked up
console-standing-active = there
console-standing-inactive = has never logged in
console-standing-disabled = disabled
console-standing-left = has left
console-standing-gone = not known there (any more)
console-standing-nobody = nobody has this number or address
console-people-refused = It was not verified
console-heartbeats = Heartbeats
console-heartbeats-none = No job is waited for yet.
console-heartbeats-how = Those under heartbeats in the document are changed there. By command:
console-heartbeat-name = Job
console-heartbeat-status = Status
console-heartbeat-due = Due
console-heartbeat-heard = Last heard
console-heartbeat-body = What it said
console-heartbeat-running = running
console-heartbeat-new = never heard
console-heartbeat-up = up
console-heartbeat-late = late
console-heartbeat-down = down
console-heartbeat-paused = paused
console-heartbeat-unended = began and did not end
console-heartbeat-failed = failed
console-heartbeat-code = failed with exit code { $code }
console-silences = Silences
console-silences-none = No silences: nothing is being hidden.
console-silence-what = What
console-silence-why = Why
console-silence-until = Until
console-silence-quiet = Quiet now
console-silence-next = Next
console-silence-active = on
console-silence-pending = to come
console-silence-expired = over
console-silence-extend = 1 h longer
console-silence-end = End
console-silence-new = New silence
console-silence-matchers = Matchers, one a line: all must pass
console-silence-by = By
console-silence-look = What would be quiet?
console-silence-effect = { $quiet } of { $all } firing alerts would be quiet.
console-silence-for = For
console-silence-make = Silence
console-silence-confirm-all = This silences all { $all } firing alerts. To do so, type
console-silence-confirm-long = This silences for { $span }. To do so, type
console-silence-confirm-word = silence
console-silence-recur = Again and again
console-silence-days = Days
console-silence-timezone = By the clock of
console-silence-rule = Or by a rule (RRULE)
console-silence-rule-how = With a rule, “from” is its first time, such as 2026-12-08T02:00, and each time lasts as long as above.
console-silence-repeat = Make it recur
console-silence-recurring = Recurring
console-silence-over = Over
console-silence-again = Silence again
console-silence-refused = The silence was not changed
console-silence-how = The same by
console-heartbeat-told = Where { $name } signals from now on
console-heartbeat-once = This address is told here and never again. Put it where the job can read it:
console-heartbeat-change = Change
console-heartbeat-made = Made by { $by }, { $time }
console-heartbeat-period = Every (a period)
console-heartbeat-cron = Or at (cron)
console-heartbeat-timezone = Time zone of cron
console-heartbeat-grace = May be late by
console-heartbeat-severity = Severity
console-heartbeat-labels = Labels
console-heartbeat-description = What it is about
console-heartbeat-save = Save
console-heartbeat-new-token = New address
console-heartbeat-delete = Delete
console-heartbeat-make = Wait for a job
console-heartbeat-pause = Pause
console-heartbeat-resume = Resume
console-heartbeat-refused = The heartbeat stays as it is
console-sources = Sources
console-sources-none = No source is configured. Alertmanager's own path and /in/inbox take alerts all the same.
console-sources-how = Declared under sources in the document; on the command line with
console-source-name = Source
console-source-address = Address
console-source-setup = What to do at the sender's side
console-channels = Channels
console-channels-none = No account is configured: nothing leaves but to the inbox.
console-channels-how = Figures of this node since its start; on the command line with
console-channel-account = Account
console-channel-health = State
console-channel-waiting = Waiting
console-channel-last = Last tries
console-channel-test = Test
console-channel-quota = { $left } of { $calls } in { $per } left
console-channel-untried = not used since the start
console-channel-good = good
console-channel-held = held by its quota
console-channel-troubled = last try failed
console-channel-misconfigured = needs a change
console-channel-down = does not answer
console-test-taken = The test through { $account } was taken
console-test-pending = The test through { $account } is still under way
console-test-failed = The test through { $account } failed
console-test-not-sent = The test was not sent
console-senders = Send alerts here
console-test = Send a test alert
console-test-words = Test alert from the console
console-grafana-where = contact point of type Webhook, URL
console-token-hint = Replace TOKEN by one of access.tokens that has the scope ingest.
console-store-problem = The store does not answer
console-no-alert = No such alert
console-no-alert-detail = It never came, or it was over long ago. Refused requests are listed at /api/v1/rejected.
console-routes = Route
console-route-taken = taken: to { $receiver }
console-route-passed = matched, and so did one below
console-route-failed = { $matcher } does not match “{ $value }”
console-route-not-tried = not tried, an earlier one took it
console-incidents = Incidents
console-incidents-which = Which incidents
console-incidents-unresolved = Not resolved
console-incidents-resolved = Resolved
console-incidents-all = All
console-incidents-none = None here
console-incident-open = open
console-incident-acknowledged = acknowledged
console-incident-key = Key
console-incident-held-by = Acknowledged by
console-incident-responsible = Responsible
console-incident-worker = Worked on by
console-incident-severity = Severity
console-incident-title = Title
console-incident-started = Started
console-incident-ended = Ended
console-incident-lasted = Lasted
console-incident-cause = Cause
console-incident-summary = Summary
console-incident-report = Report
console-acknowledge = Acknowledge
console-resolve = Resolve
console-reopen = Reopen
console-entry-opened = opened by { $by }
console-entry-acknowledged = acknowledged by { $by }
console-entry-also-acknowledged = also acknowledged by { $by }
console-entry-edited = edited by { $by }
console-entry-resolved = resolved by { $by }
console-entry-reopened = reopened by { $by }
console-entry-noted = note by { $by }
console-entry-attached = file attached by { $by }
console-entry-detached = file detached by { $by }
console-entry-snoozed = put off by { $by }
console-entry-reassigned = given to others by { $by }
console-entry-escalated = the next in line asked for by { $by }
console-entry-escalation-started = { $by } looks after it
console-entry-paged = paged by { $by }
console-entry-page-held = held for the digest by { $by }
console-entry-told = told by { $by }
console-entry-step-taken = a step of { $by } was taken; its people are contacted later
console-entry-step-passed = a step of { $by } was passed over
console-entry-page-delivered = page delivered
console-entry-page-failed = page not delivered
console-entry-pages-withdrawn = pages taken back
console-entry-holder-told = heard who has it
console-entry-over-told = heard that it is over
console-entry-snooze-ended = the pause is over
console-entry-escalation-exhausted = { $by } reaches nobody any more
console-escalate = Escalate now
console-snooze = Snooze 30 min
console-reassign = Reassign
console-reassign-to = Give to
console-schedule = on call:
console-team = team
console-escalation = Escalation
console-escalation-running = nobody has answered yet
console-escalation-snoozed = put off until { $until }
console-escalation-exhausted = nobody is left to be paged
console-escalation-next = Next step
console-escalation-contact = Next contact
console-escalation-of = { $count } of { $needs }
console-no-incident = No such incident
console-no-incident-detail = It was never opened, or somebody removed it.
console-timeline = Timeline
console-reported = reported by { $source }
console-reported-over = reported as over by { $source }
console-refreshed = sent again unchanged, ends { $until }
console-decided = to be told: { $reason }
console-nothing-new = looked at, nothing new to tell
console-flapping = held back: it comes and goes since { $since }, and has not stayed as it is for long enough
console-over-in-quiet = over before anybody was told, so nobody needs to know
console-try-ok = try { $number }: delivered to { $target } through { $via } in { $took } ms
console-try-failed = try { $number }: { $target } through { $via } failed after { $took } ms ({ $kind })

## The page behind a link in a message

answer-nobody = Nobody has acknowledged it yet.
answer-held = Acknowledged by { $by }, { $when }.
answer-resolved = Resolved { $when }.
answer-quiet-until = Silenced until { $until }.
answer-silence = Silence for 1 hour
answer-as = You answer as
answer-name = Your name, for your colleagues
answer-over = It is over
answer-over-detail = No alert of this message fires any more, and no incident was opened for it.
answer-forged = This link is not one of ours
answer-forged-detail = Part of it may be missing: open it from the message again, or copy it whole. Or the links that were sent have been called back.
answer-expired = This link is too old
answer-expired-detail = Links in messages are good for three days. A newer message has a newer one.
answer-unknown = That is no answer
answer-unknown-detail = Open the link from the message again and press one of its buttons.
answer-nothing = These alerts cannot be silenced here
answer-nothing-detail = No label tells them from all others. Make a silence in the console.
answer-away = This could not be stored
answer-away-detail = Nothing was changed. Try again in a moment.

## Buttons below chat messages

live-silenced = 🔕 silenced by { $by } until { $until }
click-acknowledged = ✅ Acknowledged by { $by }, { $at }
click-silenced = 🔕 Silenced for 1 hour by { $by }, { $at }
click-resolved = ✔ Resolved by { $by }, { $at }
click-stranger = You cannot answer here yet: ask whoever runs Balefire to add your id at this platform to people.
click-expired = This button is too old. A newer message has newer ones.
click-forged = This button is not one of ours any more.
click-over = It is over: no alert of this message fires any more.
click-unsilenceable = These alerts cannot be silenced by a button: no label tells them from all others.
console-oncall = On call
console-oncall-empty = The document has no schedules.
console-oncall-none = No such schedule
console-oncall-none-detail = The document has none of this name, or nobody has made this override.
console-oncall-refused = This cannot be booked
console-oncall-nobody = nobody
console-oncall-gap = gap
console-oncall-until = until { $at }, then { $then }
console-oncall-gap-ahead = Nobody who can be reached is on call { $count } times within 90 days, first { $from } – { $to }.
console-oncall-days = Which days
console-oncall-today = Today
console-oncall-week = Week
console-oncall-month = Month
console-oncall-picture = The layers, the overrides, and who is on call in the end; the list below says the same
console-oncall-now = now
console-oncall-final = On call
console-oncall-override = override
console-oncall-overrides = Overrides
console-oncall-take-over = Take over
console-oncall-book = Put somebody else there
console-oncall-from = From
console-oncall-to = To
console-oncall-instead-of = Instead of
console-oncall-whoever = whoever is on call
console-oncall-reason = Reason
console-oncall-who = Who is there instead:
console-oncall-swap = Change places
console-oncall-gives = Gives this time away
console-oncall-takes = Takes it, and gives
console-oncall-stands-in = { $by } for { $absent }
console-oncall-coming = to come
console-oncall-under-way = under way
console-oncall-over = over
console-oncall-cancelled = taken back
console-oncall-does-not-hold = does not hold any more
console-oncall-made = by { $by }, { $at }
console-oncall-cancel = Take back
console-oncall-burden = How it is shared
console-oncall-person = Person
console-oncall-shifts = Shifts
console-oncall-hours = Hours
console-oncall-nights = Nights
console-oncall-weekends = Weekends
console-oncall-holidays = Holidays
console-oncall-unreachable = no way to reach them
console-oncall-feed = Subscribe:
console-calendars = Calendars
console-calendar-fetched = fetched { $at }
console-calendar-failing = cannot be fetched; the copy of { $at } counts
console-calendar-stale = out of date: fetched last { $at }
console-calendar-unfetched = never fetched, so the layer is off
console-calendar-read = { $events ->
    [one] 1 event
   *[other] { $events } events
}, as it stands since { $since }: { $people }
console-calendar-unknown = Nobody is known by:
console-calendar-refresh = Fetch now
console-incident-expected = Expected to end
console-incident-state = State
console-entry-merged-into = merged into another by { $by }
console-entry-merged-from = another merged into this by { $by }
console-entry-role-given = role given by { $by }
console-entry-role-returned = role given back by { $by }
console-entry-way-unverified = a way that nobody has verified ({ $by })
role-commander = Commander
role-scribe = Scribe
role-communications = Communications
console-role = Role
console-role-give = Give a role
console-role-to = To (empty: you)
console-role-back = Give back
console-merge = Merge
console-merge-into = Goes on as incident no.
console-report-markdown = Report as Markdown
console-report = Reports
console-report-which = How far back
console-report-days = { $days } days
console-report-incomplete = More happened than is read for one report; choose a shorter time.
console-report-opened = Opened
console-report-acknowledged = Acknowledged
console-report-resolved = Resolved
console-report-median = Median
console-report-notifications = Notifications that something fires
console-report-most = most on a day:
console-report-people = Pages to people
console-report-nobody = Nobody was paged by a number, an address or a name of their own.
console-report-pages = Pages
console-report-at-night = At night
console-report-share = Share
console-report-noise = What made most noise
console-report-each-day = Each day
console-what-if = What if
console-what-if-how = Another document, and whom it would have told in the last days. Nothing is sent.
console-what-if-config = Document
console-what-if-ask = Ask
console-what-if-before = Now
console-what-if-after = With this document
console-what-if-people = Messages and pages by person
console-what-if-receivers = Messages by receiver
console-what-if-differences = Differences
console-what-if-none = It would have told the same.
console-what-if-only-before = only now
console-what-if-only-after = only with this document
console-what-if-later = later by { $span }
console-what-if-earlier = earlier by { $span }
console-what-if-cut = More happened than is gone through at once; choose a shorter time.
console-what-if-unknown = Answers of people are taken as they came, and everything counts as delivered. Events:
console-oncall-quality = In the next 90 days somebody is on call { $covered } % of the time, somebody who can be reached { $reachable } %; { $gaps } gaps.

# Why somebody was told of an alert, or was not: the sentence.
why-never-arrived = { $count ->
    [0] No such alert has arrived by then, and no request was refused within 15 minutes.
    [one] No such alert has arrived by then; one request was refused within 15 minutes.
   *[other] No such alert has arrived by then; { $count } requests were refused within 15 minutes.
}
why-not-decided = The alert has arrived and nothing has been decided about it yet: its group waits.
why-silenced = Nobody is told: silence { $id } by { $by } ({ $comment }) matches { $matches } until { $until }.
why-silenced-by = Nobody is told: silence { $id } matches it.
why-inhibited = Nobody is told: the alert { $by } fires and inhibits it.
why-muted = Nobody is told: its group is kept quiet by { $by }.
why-over-in-quiet = Nobody is told: it was over before the quiet ended.
why-flapping = Nobody is told again: it comes and goes since { $since }, which was told.
why-told = { $receiver } was told at { $at }.
why-sending = It is on its way to { $receiver } and has not arrived.
why-waiting = { $receiver } has not been told yet: { $why }.
why-undelivered = { $receiver } could not be told: { $why }
why-nobody-to-tell = Nobody had to be told; its routes lead to { $receivers }.
why-reached = { $person } was reached by { $by } at { $at }.
why-reached-answered = { $person } was reached by { $by } at { $at } and acknowledged at { $answered }.
why-being-sent = { $person } is being told by { $by } since { $since }; it has not arrived.
why-taken-back = { $person } was not reached: what was sent by { $by } was withdrawn at { $at }: { $why }
why-failed = { $person } was not reached: { $by } failed: { $why }
why-quiet = { $person } was not told: their quiet hours put it off until { $until }.
why-unreachable = { $person } was not told: the document says no way to reach them.
why-held = { $person } was not told yet: they were paged very often just then, and this is held for the digest at { $until }.
why-step-passed = { $person } was not told: step { $step } was passed over: { $why }
why-answered-first = { $person } was not told: { $who } acknowledged first, at { $at }.
why-answered-early = { $person } was not told: { $who } acknowledged at { $at }, { $early } before their step was due.
why-over-first = { $person } was not told: it was over at { $at }, before their turn came.
why-not-yet = { $person } has not been told: step { $step } of { $policy } names them and has not been taken.
why-others-turn = { $person } was not told: step { $step } names them, but others of it were paged, or their own contact comes later.
why-not-on-call = { $person } was not on call in { $schedule }: { $who } was, by { $layer }.
why-not-on-call-override = { $person } was not on call in { $schedule }: { $who } was, by the override { $overrides }.
why-not-on-call-plain = { $person } was not on call in { $schedule }: { $who } was.
why-nobody-on-call = { $person } was not on call in { $schedule }; nobody was.
why-not-in-escalation = { $person } is not concerned: no step of { $policy } stands for them.
why-routed-elsewhere = { $person } is not concerned: it went to { $receivers }, which pages nobody.

# Why somebody was told of an alert, or was not: the rungs.
rung-arrived = arrived; its routes lead to { $receivers }
rung-refused = a request to { $source } was refused: { $reason }
rung-passed = looked at: nothing keeps it quiet, and nobody had to be told anew
rung-owed = looked at: { $to } must be told
rung-told = notification { $number } to { $to }
rung-own = notification { $number } to { $person } by { $to }
rung-try = { $to }: { $said }
rung-delivered = { $to }: delivered
rung-failed = { $to }: failed: { $why }
rung-taken-back = { $to }: withdrawn: { $why }
rung-incident = incident { $incident }: { $kind } ({ $actor }) { $text }
rung-on-duty = on call in { $schedule }: { $who }, by { $layer }, from { $from } to { $to }
rung-on-duty-override = on call in { $schedule }: { $who }, by the override { $overrides }, from { $from } to { $to }
rung-nobody-on-duty = on call in { $schedule }: nobody
rung-ways = { $person } is reached by { $ways }
rung-no-ways = { $person } has no way to be reached
rung-unverified = These ways are passed over, as nobody has verified them: { $ways }.
rung-quiet = quiet hours of { $person } until { $until }
