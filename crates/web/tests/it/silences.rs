//! The page of silences, as people use it without a script.

use serde_json::{Value, json};

use crate::schedules::start;
use crate::site::{Answer, Site};

const MAKE: &str = "/console/silences/make?lang=en";

/// A form as a browser sends it.
async fn send(site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let body = form.extend_pairs(fields).finish();
    let kind = "application/x-www-form-urlencoded";
    let request = http::Request::post(path).header("content-type", kind);
    site.ask(request, &body).await
}

async fn fires(site: &Site, name: &str, env: &str) {
    let labels = json!({"alertname": name, "env": env});
    site.report(&labels, false).await;
    let fingerprint = format!("/api/v2/alerts?filter=alertname=%22{name}%22");
    site.until(&fingerprint, |answer| answer.text.contains(name))
        .await;
}

async fn silences(site: &Site) -> Vec<Value> {
    let list = site.get("/api/v1/silences").await.json();
    list["silences"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_silence_is_looked_at_made_prolonged_ended_and_made_again() {
    let site = start().await;
    fires(&site, "DiskFull", "prod").await;
    fires(&site, "CpuHigh", "prod").await;
    let empty = site.get("/silences?lang=en").await;
    assert!(
        empty.text.contains("nothing is being hidden"),
        "{}",
        empty.text
    );

    let look = "/silences?lang=en&matchers=alertname%3DDiskFull&comment=new+disks";
    let seen = site.get(look).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert!(seen.text.contains("1 of 2 firing alerts would be quiet"));
    assert!(seen.text.contains(">alertname=DiskFull</textarea>"));
    assert!(silences(&site).await.is_empty(), "looking makes nothing");

    let fields = [
        ("matchers", "alertname=DiskFull\r\nenv=~\"prod.*\""),
        ("comment", "new disks"),
        ("by", "Wang"),
        ("duration", "2h"),
    ];
    let made = send(&site, MAKE, &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let there = silences(&site).await;
    assert_eq!(
        there[0]["matcherSets"],
        json!([["alertname=\"DiskFull\"", "env=~\"prod.*\""]])
    );
    assert_eq!(
        (&there[0]["createdBy"], &there[0]["endsAt"]),
        (&"Wang".into(), &"2026-11-23T04:00:00.000Z".into())
    );
    let id = there[0]["id"].as_str().expect("an id").to_owned();
    let list = site.get("/silences?lang=en").await.text;
    assert!(
        list.contains("<td data-label=\"Quiet now\">1</td>") && list.contains("new disks"),
        "{list}"
    );

    let longer = send(&site, &format!("/console/silences/{id}/extend"), &[]).await;
    assert_eq!(longer.status, 303, "{}", longer.text);
    let there = silences(&site).await;
    assert_eq!(
        (&there[0]["id"], &there[0]["endsAt"]),
        (&id.as_str().into(), &"2026-11-23T05:00:00.000Z".into())
    );

    let ended = send(&site, &format!("/console/silences/{id}/end"), &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text);
    assert_eq!(silences(&site).await[0]["state"], "expired");
    let over = site.get("/silences?lang=en").await.text;
    let again = "matchers&#x3d;alertname%3D%22DiskFull%22%0Aenv%3D%7E%22prod.*%22";
    assert!(
        over.contains(again) || over.contains(&again.replace("&#x3d;", "=")),
        "{over}"
    );
}

#[tokio::test]
async fn what_hides_everything_or_for_long_wants_a_word() {
    let site = start().await;
    fires(&site, "DiskFull", "prod").await;
    fires(&site, "CpuHigh", "prod").await;
    let all = [
        ("matchers", "env=prod"),
        ("comment", "move"),
        ("duration", "1h"),
    ];
    let asked = send(&site, MAKE, &all).await;
    assert_eq!(asked.status, 422);
    assert!(
        asked.text.contains("This silences all 2 firing alerts"),
        "{}",
        asked.text
    );
    let long = [
        ("matchers", "env=test"),
        ("comment", "move"),
        ("duration", "2d"),
    ];
    let asked = send(&site, MAKE, &long).await;
    assert!(
        asked.text.contains("This silences for 2d"),
        "{}",
        asked.text
    );
    assert!(silences(&site).await.is_empty());
    let said = [&all[..], &[("confirm", "silence")]].concat();
    assert_eq!(send(&site, MAKE, &said).await.status, 303);
    assert_eq!(silences(&site).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_beside_the_form_that_keeps_its_words() {
    let site = start().await;
    for (matchers, duration, words) in [
        ("", "1h", "say what it silences"),
        ("env=~\"(\"", "1h", "matcher &quot;env=~"),
        (
            "env=~\".*\"",
            "1h",
            "at least one matcher must not match the empty string",
        ),
        ("env=prod", "soon", "duration:"),
        ("env=prod", "0s", "start time must be before end time"),
    ] {
        let fields = [
            ("matchers", matchers),
            ("comment", "kept words"),
            ("duration", duration),
        ];
        let refused = send(&site, MAKE, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let text = refused.text.replace("&#x3d;", "=");
        assert!(
            text.contains(words) && text.contains("kept words"),
            "{text}"
        );
    }
    let gone = send(&site, "/console/silences/none/end", &[]).await;
    assert_eq!(gone.status, 422, "{}", gone.text);
    assert!(silences(&site).await.is_empty());
}

#[tokio::test]
async fn a_recurring_silence_is_made_and_ended_on_the_page() {
    let site = start().await;
    let fields = [
        ("matchers", "job=backup"),
        ("comment", "backups"),
        ("days", "sunday"),
        ("from", "02:00"),
        ("to", "04:00"),
        ("timezone", "Asia/Shanghai"),
    ];
    let path = "/console/silences/repeat?lang=en";
    let made = send(&site, path, &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = site.get("/silences?lang=en").await.text;
    assert!(
        page.contains("recurring: sunday 02:00-04:00 Asia"),
        "{page}"
    );
    let series = site.get("/api/v1/silence-series").await.json();
    let one = &series["series"][0];
    assert_eq!(one["next"]["startsAt"], "2026-11-28T18:00:00.000Z");

    let mut wrong = fields;
    wrong[5] = ("timezone", "Asia/Shangai");
    let refused = send(&site, path, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("timezone:"), "{}", refused.text);

    let id = one["id"].as_str().expect("an id");
    let end = format!("/console/silence-series/{id}/end");
    assert_eq!(send(&site, &end, &[]).await.status, 303);
    let series = site.get("/api/v1/silence-series").await.json();
    assert_eq!(series["series"][0]["ended"], true);
    assert_eq!(
        send(&site, "/console/silence-series/none/end", &[])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_silence_by_a_rule_is_made_on_the_page() {
    let site = start().await;
    let fields = [
        ("matchers", "job=patches"),
        ("comment", "patch day"),
        ("rule", "FREQ=MONTHLY;BYDAY=2TU"),
        ("from", "2026-11-01T20:00"),
        ("duration", "4h"),
        ("timezone", "Asia/Shanghai"),
    ];
    let path = "/console/silences/repeat?lang=en";
    let made = send(&site, path, &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = site.get("/silences?lang=en").await.text;
    assert!(
        page.contains("FREQ&#x3d;MONTHLY;BYDAY&#x3d;2TU from 2026-11-01T20:00 for 4h")
            || page.contains("FREQ=MONTHLY;BYDAY=2TU from 2026-11-01T20:00 for 4h"),
        "{page}"
    );
    let series = site.get("/api/v1/silence-series").await.json();
    let next = &series["series"][0]["next"];
    assert_eq!(next["startsAt"], "2026-12-08T12:00:00.000Z");
    assert_eq!(next["endsAt"], "2026-12-08T16:00:00.000Z");

    let mut wrong = fields;
    wrong[2] = ("rule", "each second tuesday");
    let refused = send(&site, path, &wrong).await;
    assert_eq!(refused.status, 422);
    for words in ["rules: 1: rrule", "value=\"each second tuesday\""] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
}
