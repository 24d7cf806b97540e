//! Overrides that people make, by the interface and on the pages; and reports.

use std::sync::Arc;

use balefire_testkit::clock::ManualClock;
use serde_json::{Value, json};

use crate::schedules::{DOCUMENT, NOW, get, keys, start};
use crate::site::Site;

async fn book(site: &Site, name: &str, body: &Value) -> crate::site::Answer {
    let path = format!("/api/v1/schedules/{name}/overrides");
    site.post_json(&path, body).await
}

/// Who is on call in a schedule at an instant.
async fn there(site: &Site, number: usize, at: &str) -> String {
    let path = format!("/api/v1/on-call?at={at}");
    keys(&get(site, &path).await["schedules"][number]["people"])
}

#[tokio::test]
async fn an_override_takes_effect_at_once_and_everywhere_until_it_is_taken_back() {
    let site = start().await;
    let cover = json!({"id": "sick", "from": "2026-11-23T09:00", "to": "2026-11-23T22:00:00+08:00", "people": ["wang"],
        "reason": "陈敏病了", "madeBy": "li"});
    let made = book(&site, "ops", &cover).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        made["from"], "2026-11-23T02:00:00.000Z",
        "not before it was made"
    );
    assert_eq!(
        (&made["kind"], &made["state"]),
        (&"cover".into(), &"under_way".into())
    );
    assert_eq!(
        (&made["madeBy"], &made["reason"]),
        (&"li".into(), &"陈敏病了".into())
    );
    assert_eq!(keys(&made["shifts"][0]["people"]), "wang");

    assert_eq!(there(&site, 1, "2026-11-23T13:59:59Z").await, "wang");
    assert_eq!(there(&site, 1, "2026-11-23T14:00:00Z").await, "chen-min");
    assert_eq!(
        there(&site, 1, "2026-11-23T01:59:59Z").await,
        "chen-min",
        "what was stays"
    );
    let list = get(&site, "/api/v1/schedules").await;
    assert_eq!(list["schedules"][1]["onCall"]["overrides"], json!(["sick"]));
    assert_eq!(
        list["schedules"][1]["nextHandover"]["at"],
        "2026-11-23T14:00:00.000Z"
    );
    let feed = site.get("/api/v1/schedules/ops.ics").await.text;
    assert!(feed.contains("SUMMARY:Wang · ops"), "{feed}");
    let load = get(
        &site,
        "/api/v1/schedules/ops/coverage?to=2026-11-24T00:00:00Z",
    )
    .await;
    assert_eq!(load["load"][2]["totalSeconds"], (12 + 6) * 3_600);

    let again = book(&site, "ops", &cover).await;
    assert_eq!(
        (again.status.as_u16(), again.json()["madeAt"].clone()),
        (200, made["madeAt"].clone())
    );
    let mut other = cover.clone();
    other["people"] = json!(["li-wei"]);
    assert_eq!(book(&site, "ops", &other).await.status, 409);

    let path = "/api/v1/schedules/ops/overrides/sick";
    let request = || http::Request::delete(format!("{path}?by=chen"));
    let gone = site.ask(request(), "").await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(
        (&gone.json()["state"], &gone.json()["cancelledBy"]),
        (&"cancelled".into(), &"chen".into())
    );
    assert_eq!(there(&site, 1, "2026-11-23T02:00:00Z").await, "chen-min");
    assert_eq!(site.ask(request(), "").await.status, 200, "twice is fine");
    assert_eq!(get(&site, path).await["state"], "cancelled");
}

#[tokio::test]
async fn two_change_places_and_one_stands_in() {
    let site = start().await;
    let swap = json!({"absent": "chen-min", "from": "2026-11-25T09:00", "to": "2026-11-26T09:00",
        "swap": {"with": "li-wei", "from": "2026-12-01T09:00", "to": "2026-12-02T09:00"}});
    let made = book(&site, "ops", &swap).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["kind"], &made["swap"]["from"]),
        (&"swap".into(), &"2026-12-01T01:00:00.000Z".into())
    );
    assert_eq!(there(&site, 1, "2026-11-25T02:00:00Z").await, "li-wei");
    assert_eq!(there(&site, 1, "2026-12-01T02:00:00Z").await, "chen-min");
    let nobody = json!({"absent": "li-wei", "by": null, "from": "2026-11-24T09:00", "to": "2026-11-24T12:00"});
    let made = book(&site, "office", &nobody).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["shifts"], json!([]));
    let gaps = get(
        &site,
        "/api/v1/schedules/office/coverage?to=2026-11-24T03:00:00Z",
    )
    .await;
    assert_eq!(gaps["gaps"][1]["overrides"][0], made.json()["id"]);
    let list = get(&site, "/api/v1/schedules/ops/overrides").await;
    let kinds: Vec<&Value> = list["overrides"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["cover", "swap"], "the document's and ours");
    assert_eq!(list["overrides"][0]["inDocument"], true);
}

#[tokio::test]
async fn what_cannot_be_booked_is_refused_with_the_reason() {
    let site = start().await;
    let good = json!({"from": "2026-11-24T09:00", "to": "2026-11-24T12:00", "people": ["wang"]});
    let with = |changes: &[(&str, Value)]| {
        let mut body = good.clone();
        for (key, value) in changes {
            body[key] = value.clone();
        }
        body
    };
    for (body, status, words) in [
        (with(&[("people", json!(["zoe"]))]), 422, "nobody is called"),
        (
            with(&[("people", json!(["wang", "wang"]))]),
            422,
            "different people",
        ),
        (
            with(&[
                ("from", "2026-11-20T09:00".into()),
                ("to", "2026-11-23T10:00".into()),
            ]),
            422,
            "what was cannot be changed",
        ),
        (
            with(&[("to", "2026-11-24T09:00".into())]),
            422,
            "not after its beginning",
        ),
        (
            with(&[("from", "tomorrow".into())]),
            422,
            "from: \\\"tomorrow\\\" is not a time",
        ),
        (
            with(&[
                ("from", "2026-11-26T17:00".into()),
                ("to", "2026-11-26T19:00".into()),
            ]),
            422,
            "both say who is there",
        ),
        (
            with(&[("absent", "wang".into())]),
            422,
            "write people (a cover)",
        ),
        (with(&[("id", "a/b".into())]), 422, "cannot be an id"),
        (with(&[("who", "x".into())]), 400, "unknown field"),
        (
            json!({"from": "2026-11-24T09:00", "to": "2026-11-24T12:00", "absent": "wang", "by": "wang"}),
            422,
            "for themselves",
        ),
        (
            json!({"from": "2026-11-24T09:00", "to": "2026-11-24T12:00"}),
            422,
            "write people (a cover)",
        ),
    ] {
        let refused = book(&site, "ops", &body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
        assert!(refused.text.contains(words), "{body}: {}", refused.text);
    }
    let typo = book(&site, "opps", &good).await;
    assert_eq!(typo.status, 404);
    assert!(typo.text.contains("did you mean"), "{}", typo.text);
    let missing = site
        .ask(
            http::Request::delete("/api/v1/schedules/ops/overrides/x"),
            "",
        )
        .await;
    assert_eq!(missing.status, 404, "{}", missing.text);
    assert_eq!(there(&site, 1, "2026-11-24T02:00:00Z").await, "chen-min");
}

#[tokio::test]
async fn a_wall_time_that_is_not_one_instant_is_refused() {
    let document = DOCUMENT.replace(
        "  office:\n    timezone: Asia/Shanghai",
        "  office:\n    timezone: Europe/London",
    );
    let site = Site::with(&document, Arc::new(ManualClock::at(NOW))).await;
    for (from, to, words) in [
        (
            "2027-03-28T01:30",
            "2027-03-28T09:00",
            "from: 2027-03-28T01:30:00 never comes in Europe/London",
        ),
        (
            "2027-10-30T09:00",
            "2027-10-31T01:30",
            "to: 2027-10-31T01:30:00 comes twice in Europe/London",
        ),
    ] {
        let refused = book(
            &site,
            "office",
            &json!({"from": from, "to": to, "people": ["wang"]}),
        )
        .await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(words), "{}", refused.text);
    }
    let exact =
        json!({"from": "2027-10-30T09:00", "to": "2027-10-31T01:30:00Z", "people": ["wang"]});
    assert_eq!(book(&site, "office", &exact).await.status, 201);
}

async fn send_form(site: &Site, path: &str, form: &str) -> crate::site::Answer {
    let kind = "application/x-www-form-urlencoded";
    let request = http::Request::post(path).header("content-type", kind);
    site.ask(request, form).await
}

#[tokio::test]
async fn a_schedules_page_draws_it_and_takes_overrides_without_a_script() {
    let site = start().await;
    let all = site.get("/on-call?lang=en").await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert!(all.text.contains("On call: Li Wei, 陈敏"), "{}", all.text);
    assert!(all.text.contains("until 2026-11-24 00:00, then Wang"));
    assert!(
        all.text.contains("Nobody who can be reached is on call"),
        "{}",
        all.text
    );

    let page = site.get("/on-call/ops?lang=en").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "2026-11-23 – 2026-11-29",
        "<line class=\"now\"",
        "class=\"bar override\"",
        "2026-11-24 00:00",
        "layer 2 (nights)",
        "<button name=\"person\" value=\"wang\"",
        "value=\"2026-11-23T10:00\"",
        "value=\"2026-11-24T00:00\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains(" style=") && !page.text.contains(" onclick"));
    let month = site.get("/on-call/office?lang=en&view=month").await;
    assert!(month.text.contains("2026-11-30") && month.text.contains("class=\"bar gap\""));
    assert_eq!(site.get("/on-call/opps").await.status, 404);

    let form = "from=2026-11-23T10:00&to=2026-11-23T20:00&absent=&person=wang&reason=ill";
    let done = send_form(&site, "/console/on-call/ops/override?lang=en", form).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(done.headers["location"], "/on-call/ops?lang=en");
    assert_eq!(there(&site, 1, "2026-11-23T03:00:00Z").await, "wang");
    let page = site.get("/on-call/ops?lang=en").await.text;
    assert!(
        page.contains("under way") && page.contains("by console"),
        "{page}"
    );
    let refused = send_form(&site, "/console/on-call/ops/override?lang=en", form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("both say who is there"),
        "{}",
        refused.text
    );
    let gap = "from=never&to=2026-11-23T20:00&person=-";
    let refused = send_form(&site, "/console/on-call/ops/override", gap).await;
    assert!(refused.status == 422 && refused.text.contains("is not a time"));
    let swap = "absent=chen-min&from=2026-11-25T09:00&to=2026-11-25T12:00&with=wang\
                &their_from=2026-11-27T09:00&their_to=2026-11-27T12:00";
    let done = send_form(&site, "/console/on-call/ops/swap", swap).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(there(&site, 1, "2026-11-25T03:00:00Z").await, "wang");

    let list = get(&site, "/api/v1/schedules/ops/overrides").await;
    let mine = list["overrides"].as_array().expect("a list").iter();
    let mut mine = mine.filter(|one| one["state"] == "under_way");
    let id = mine.next().expect("ours")["id"].as_str().expect("an id");
    let cancel = format!("/console/on-call/ops/cancel/{id}");
    assert_eq!(send_form(&site, &cancel, "").await.status, 303);
    assert_eq!(there(&site, 1, "2026-11-23T03:00:00Z").await, "chen-min");
}

#[tokio::test]
async fn reports_are_figures_pictures_and_tables() {
    let site = start().await;
    let open = |title: &str| json!({"title": title, "severity": "critical"});
    assert_eq!(
        site.post_json("/api/v1/incidents", &open("=db down"))
            .await
            .status,
        201
    );
    let ack = site
        .post_json("/api/v1/incidents/1/acknowledge", &json!({"by": "li"}))
        .await;
    assert_eq!(ack.status, 200, "{}", ack.text);
    let shown = get(
        &site,
        "/api/v1/reports/summary?to=2026-11-24T00:00:00Z&from=2026-11-01T00:00:00Z",
    )
    .await;
    assert_eq!(shown["incidents"]["opened"], 1);
    assert_eq!(shown["incidents"]["toAcknowledge"]["meanSeconds"], 0);
    assert_eq!(shown["days"].as_array().expect("days").len(), 23);
    assert_eq!(
        shown["days"][22],
        json!({"day": "2026-11-23", "incidents": 1, "notifications": 0})
    );
    let table = site
        .get("/api/v1/reports/incidents.csv?to=2026-11-24T00:00:00Z")
        .await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert!(
        table
            .text
            .contains("1,critical,'=db down,2026-11-23T02:00:00.000Z"),
        "{}",
        table.text
    );
    let wrong = site.get("/api/v1/reports/incident.csv").await;
    assert!(
        wrong.status == 404 && wrong.text.contains("did you mean"),
        "{}",
        wrong.text
    );
    let page = site.get("/reports?lang=en&days=90").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("MTTA") && page.text.contains("<rect class=\"count\""),
        "{}",
        page.text
    );
    let incident = site.get("/incidents/1?lang=en").await.text;
    assert!(
        incident.contains("report.md") && incident.contains("Goes on as incident no."),
        "{incident}"
    );
    assert_eq!(
        site.post_json("/api/v1/incidents", &open("same"))
            .await
            .status,
        201
    );
    let merged = send_form(&site, "/console/incidents/2/merge?lang=en", "into=%231").await;
    assert_eq!(
        (merged.status.as_u16(), &merged.headers["location"]),
        (303, &"/incidents/1?lang=en".parse().expect("a header"))
    );
    let report = site.get("/api/v1/incidents/1/report.md").await;
    assert!(
        report.text.starts_with("# #1 \\=db down"),
        "{}",
        report.text
    );
    let expected = json!({"endedAt": "2026-11-23T09:00:00Z"});
    let request =
        http::Request::patch("/api/v1/incidents/1").header("content-type", "application/json");
    assert_eq!(site.ask(request, &expected.to_string()).await.status, 200);
    let page = site.get("/incidents/1?lang=en").await.text;
    assert!(
        page.contains("Expected to end") && !page.contains("<dt>Ended"),
        "{page}"
    );
    assert!(!page.contains("<dt>Lasted"), "{page}");
}
