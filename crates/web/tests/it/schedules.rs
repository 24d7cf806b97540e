//! Who is on call, by the interface, at an instant that stands still.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_testkit::clock::ManualClock;
use serde_json::{Value, json};

use crate::site::Site;

/// Monday 2026-11-23 at 10:00 in Shanghai, an hour after a handover.
pub(crate) const NOW: Time = Time::from_secs(1_795_399_200);

pub(crate) const DOCUMENT: &str = "people:
  chen-min: {name: 陈敏, phone: \"+8618712345678\"}
  li-wei: {name: Li Wei, email: li@example.com}
  wang: {name: Wang}
schedules:
  ops:
    timezone: Asia/Shanghai
    layers:
    - {rotation: weekly, starts: 2026-01-05T09:00, people: [chen-min, li-wei]}
    - {name: nights, rotation: daily, starts: 2026-11-24T00:00, until: 2026-11-25T09:00, people: [wang], only: [{from: 22:00, to: 06:00}]}
    overrides:
    - {from: 2026-11-26T09:00, to: 2026-11-26T18:00, people: [li-wei, wang]}
  office:
    timezone: Asia/Shanghai
    layers: [{rotation: daily, starts: 2026-01-05T09:00, people: [li-wei], only: [{from: 09:00, to: 18:00, days: monday:friday}]}]
receivers: [{name: ops}]
route: {receiver: ops}
";

pub(crate) async fn start() -> Site {
    Site::with(DOCUMENT, Arc::new(ManualClock::at(NOW))).await
}

pub(crate) async fn get(site: &Site, path: &str) -> Value {
    let answer = site.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

/// The keys of people, with blanks.
pub(crate) fn keys(people: &Value) -> String {
    let people = people.as_array().expect("people").iter();
    let keys = people.map(|person| person["key"].as_str().expect("a key"));
    keys.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_list_says_who_is_on_call_now_and_when_that_changes() {
    let site = start().await;
    let list = get(&site, "/api/v1/schedules").await;
    assert_eq!(list["at"], "2026-11-23T02:00:00.000Z");
    let names: Vec<&Value> = list["schedules"]
        .as_array()
        .expect("schedules")
        .iter()
        .map(|schedule| &schedule["name"])
        .collect();
    assert_eq!(names, ["office", "ops"]);
    assert_eq!(
        list["schedules"][1],
        json!({
            "name": "ops",
            "timezone": "Asia/Shanghai",
            "onCall": {
                "people": [{"key": "chen-min", "name": "陈敏"}],
                "layer": "layer 1",
                "overrides": [],
            },
            "nextHandover": {
                "at": "2026-11-23T16:00:00.000Z",
                "people": [{"key": "wang", "name": "Wang"}],
            },
        })
    );
}

#[tokio::test]
async fn any_instant_may_be_asked_for() {
    let site = start().await;
    for (at, office, ops) in [
        ("2026-11-23T02:00:00Z", "li-wei", "chen-min"),
        ("2026-11-23T18:00:00%2B08:00", "", "chen-min"),
        ("2026-11-24T14:00:00Z", "", "wang"),
        ("2026-11-26T03:00:00Z", "li-wei", "li-wei wang"),
        ("2026-01-05T00:59:59Z", "", ""),
        ("-009999-01-03T00:00:00Z", "", ""),
        ("9999-12-30T22:00:00Z", "", "chen-min"),
    ] {
        let path = format!("/api/v1/on-call?at={at}");
        let schedules = get(&site, &path).await["schedules"].clone();
        assert_eq!(keys(&schedules[0]["people"]), office, "office {at}");
        assert_eq!(keys(&schedules[1]["people"]), ops, "ops {at}");
    }
    let now = get(&site, "/api/v1/on-call").await;
    assert_eq!(now["at"], "2026-11-23T02:00:00.000Z");
}

#[tokio::test]
async fn shifts_are_told_in_the_end_and_by_each_layer() {
    let site = start().await;
    let path =
        "/api/v1/schedules/ops?from=2026-11-24T00:00:00%2B08:00&to=2026-12-01T00:00:00%2B08:00";
    let shown = get(&site, path).await;
    let brief = |shifts: &Value| -> Vec<String> {
        let shifts = shifts.as_array().expect("shifts").iter();
        let line = |shift: &Value| {
            let begin = shift["from"].as_str().expect("from")[5..16].to_owned();
            format!("{begin} {}", keys(&shift["people"]))
        };
        shifts.map(line).collect()
    };
    assert_eq!(
        brief(&shown["shifts"]),
        [
            "11-23T16:00 wang",
            "11-23T22:00 chen-min",
            "11-24T14:00 wang",
            "11-24T22:00 chen-min",
            "11-26T01:00 li-wei wang",
            "11-26T10:00 chen-min",
            "11-30T01:00 li-wei",
        ]
    );
    assert_eq!(shown["layers"][1]["layer"], "layer 2 (nights)");
    assert_eq!(
        brief(&shown["layers"][0]["shifts"]),
        ["11-23T16:00 chen-min", "11-30T01:00 li-wei"]
    );
    let cover = &shown["overrides"][0];
    assert_eq!(shown["shifts"][4]["overrides"][0], cover["id"]);
    assert_eq!(cover["from"], "2026-11-26T01:00:00.000Z");

    let month = get(&site, "/api/v1/schedules/ops").await;
    assert_eq!(
        (&month["from"], &month["to"]),
        (
            &"2026-11-23T02:00:00.000Z".into(),
            &"2026-12-21T02:00:00.000Z".into()
        )
    );
}

#[tokio::test]
async fn coverage_names_gaps_hidden_layers_silent_people_and_the_burden() {
    let site = start().await;
    let office = get(
        &site,
        "/api/v1/schedules/office/coverage?to=2026-11-25T02:00:00Z",
    )
    .await;
    let gaps = office["gaps"].as_array().expect("gaps");
    assert_eq!(gaps.len(), 2);
    assert_eq!(
        gaps[0],
        json!({"from": "2026-11-23T10:00:00.000Z", "to": "2026-11-24T01:00:00.000Z", "overrides": []})
    );
    let ops = get(&site, "/api/v1/schedules/ops/coverage").await;
    assert_eq!(ops["to"], "2027-02-21T02:00:00.000Z");
    assert_eq!(ops["gaps"], json!([]));
    let hidden = &ops["hidden"][0];
    assert_eq!(
        (&hidden["layer"], &hidden["by"]),
        (&"layer 1".into(), &"layer 2 (nights)".into())
    );
    let silent = ops["unreachable"].as_array().expect("unreachable");
    let silent: Vec<(String, bool)> = silent
        .iter()
        .map(|one| (keys(&one["people"]), one["isGap"] == true))
        .collect();
    assert_eq!(
        silent,
        [
            ("wang".to_owned(), true),
            ("wang".to_owned(), true),
            ("wang".to_owned(), false)
        ]
    );
    let wang = &ops["load"][2];
    assert_eq!(wang["person"]["name"], "Wang");
    assert_eq!(
        (&wang["shifts"], &wang["totalSeconds"]),
        (&3.into(), &((6 + 8 + 9) * 3_600).into())
    );
}

#[tokio::test]
async fn a_calendar_may_be_subscribed_to() {
    let site = start().await;
    let feed = site.get("/api/v1/schedules/ops.ics").await;
    assert_eq!(feed.status, 200, "{}", feed.text);
    assert_eq!(feed.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(feed.text.starts_with("BEGIN:VCALENDAR\r\n"));
    assert!(
        feed.text.contains("DTSTART:20261123T010000Z\r\n"),
        "the true beginning: {}",
        feed.text
    );
    assert!(
        feed.text.contains("SUMMARY:Li Wei\\, Wang · ops\r\n"),
        "{}",
        feed.text
    );
    assert_eq!(site.get("/api/v1/schedules/ops.ics").await.text, feed.text);
}

#[tokio::test]
async fn what_cannot_be_answered_says_what_would_be_right() {
    let site = start().await;
    for (path, status, words) in [
        ("/api/v1/schedules/opps", 404, "did you mean \\\"ops\\\""),
        (
            "/api/v1/schedules/opps.ics",
            404,
            "did you mean \\\"ops\\\"",
        ),
        ("/api/v1/schedules/opps/coverage", 404, "did you mean"),
        (
            "/api/v1/schedules/ops?form=x",
            400,
            "did you mean \\\"from\\\"",
        ),
        ("/api/v1/schedules/ops.ics?from=x", 400, "unknown query key"),
        (
            "/api/v1/schedules/ops?from=monday",
            400,
            "from is a time such as",
        ),
        (
            "/api/v1/schedules/ops?to=2026-11-23T02:00:00Z",
            400,
            "to is later than from",
        ),
        (
            "/api/v1/schedules/ops?to=2028-01-01T00:00:00Z",
            400,
            "more than 400 days",
        ),
        (
            "/api/v1/schedules/ops/coverage?to=2028-01-01T00:00:00Z",
            400,
            "more than 400 days",
        ),
        ("/api/v1/on-call?at=now", 400, "at is a time such as"),
        ("/api/v1/schedules?at=now", 400, "unknown query key"),
    ] {
        let refused = site.get(path).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.text);
        assert!(refused.text.contains(words), "{path}: {}", refused.text);
    }
    for edge in [
        "from=-009999-01-03T00:00:00Z&to=-009999-02-03T00:00:00Z",
        "from=9999-11-01T00:00:00Z&to=9999-12-30T00:00:00Z",
    ] {
        get(&site, &format!("/api/v1/schedules/office?{edge}")).await;
        get(&site, &format!("/api/v1/schedules/office/coverage?{edge}")).await;
    }
}
