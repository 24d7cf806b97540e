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
digest-why = The provider's quota was short, so what waited is told together.
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
meta-disk_full = The disk is full
meta-store = The store is in trouble
meta-configuration = The configuration on disk is not in force
meta-certificate = A certificate is about to expire
meta-other = Something is wrong with Balefire
meta-subject = About
