//! Every request of the transcript, answered by us.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_testkit::ManualClock;
use http::Request;
use serde_json::{Value, json};

use super::settled;
use super::transcript::{Entry, Ids, entries, redacted};
use crate::site::{Answer, Site};

/// The instant at which the transcript was made.
const RECORDED: Time = Time::from_millis(1_795_306_802_318);

/// An answer that is not Alertmanager 0.25's, on purpose.
struct Deviation {
    /// The end of the recorded request.
    request: &'static str,
    status: u16,
    body: &'static str,
    /// Why.
    #[expect(dead_code, reason = "the reason is for whoever reads this table")]
    reason: &'static str,
}

const DEVIATIONS: [Deviation; 13] = [
    Deviation {
        request: r#"-d [{"labels":{"a-b":"x"}}] http://127.0.0.1:9093/api/v2/alerts"#,
        status: 200,
        body: "",
        reason: "0.34 takes any UTF-8 text as a label's name",
    },
    Deviation {
        request: "-d { http://127.0.0.1:9093/api/v2/alerts",
        status: 400,
        body: r#"{"code":400,"message":"parsing alerts body from \"\" failed, because expected an array of alerts, found object"}"#,
        reason: "another JSON reader has other words",
    },
    Deviation {
        request: "-d {} http://127.0.0.1:9093/api/v2/alerts",
        status: 400,
        body: r#"{"code":400,"message":"parsing alerts body from \"\" failed, because expected an array of alerts, found object"}"#,
        reason: "the same",
    },
    Deviation {
        request: "-d [null] http://127.0.0.1:9093/api/v2/alerts",
        status: 400,
        body: r#"{"code":400,"message":"parsing alerts body from \"\" failed, because expected an alert, found null"}"#,
        reason: "0.25 drops the connection (its handler panics)",
    },
    Deviation {
        request: r#""startsAt":"garbage"}] http://127.0.0.1:9093/api/v2/alerts"#,
        status: 400,
        body: r#"{"code":400,"message":"parsing alerts body from \"\" failed, because parsing time \"garbage\" as \"2006-01-02T15:04:05Z07:00\" failed: write RFC 3339, such as 2026-03-04T02:15:00Z"}"#,
        reason: "the words say what would be right",
    },
    Deviation {
        request: "alerts?filter=%7B",
        status: 400,
        body: "\"unexpected open or close brace: {\"\n",
        reason: "0.34's words: it refuses braces around a single matcher",
    },
    Deviation {
        request: "groups?filter=%7B",
        status: 400,
        body: "\"unexpected open or close brace: {\"\n",
        reason: "the same",
    },
    Deviation {
        request: "alerts?receiver=%5B",
        status: 400,
        body: "\"failed to parse receiver param: error parsing regexp: missing closing ]: `[`\"\n",
        reason: "the pattern is shown as it was given, without the anchors added to it",
    },
    Deviation {
        request: "groups?receiver=%5B",
        status: 400,
        body: "\"failed to parse receiver param: error parsing regexp: missing closing ]: `[`\"\n",
        reason: "the same",
    },
    Deviation {
        request: "-X DELETE http://127.0.0.1:9093/api/v2/silence/00000000-0000-4000-8000-000000000000",
        status: 404,
        body: "",
        reason: "0.34 describes 404; 500 would mean that we have failed",
    },
    Deviation {
        request: r#"-d {"matchers":[{"name":"a","value":".*","isRegex":true}],"startsAt":"2026-11-01T00:00:00Z","endsAt":"2027-01-01T00:00:00Z","createdBy":"me","comment":"c"} http://127.0.0.1:9093/api/v2/silences"#,
        status: 400,
        body: "\"invalid silence: matcher set 0: at least one matcher must not match the empty string\"\n",
        reason: "0.34's words, which count matcher sets",
    },
    Deviation {
        request: r#"-d {"matchers":[{"name":"a","value":"(","isRegex":true}],"startsAt":"2026-11-01T00:00:00Z","endsAt":"2027-01-01T00:00:00Z","createdBy":"me","comment":"c"} http://127.0.0.1:9093/api/v2/silences"#,
        status: 400,
        body: "\"invalid silence: invalid label matcher 0 in set 0: invalid regular expression \\\"(\\\": error parsing regexp: missing closing ): `(`\"\n",
        reason: "the same",
    },
    Deviation {
        request: "-I http://127.0.0.1:9093/api/v2/alerts",
        status: 405,
        body: "",
        reason: "the record holds the headers; they are looked at in a test of their own",
    },
];

/// Not asked: reading by version 1 ended with 0.27, and GET there is our own interface's.
const SKIPPED: &str = "/api/v1/alerts";

/// What 0.34 and we show and 0.25 did not, taken away: `mutedBy`, which makes an alert `suppressed` in its
/// group, `routeLabels`, and the alert that 0.25 refused for its label's name.
fn as_of_025(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| item["labels"] != json!({"a-b": "x"}));
            items.iter_mut().for_each(as_of_025);
            items.retain(|item| item["alerts"] != json!([]));
        }
        Value::Object(fields) => {
            let muted = fields
                .shift_remove("mutedBy")
                .is_some_and(|by| by != json!([]));
            let quiet = |by: &str| fields.get(by).is_some_and(|by| *by != json!([]));
            if muted && !quiet("silencedBy") && !quiet("inhibitedBy") {
                fields.insert("state".to_owned(), "active".into());
            }
            fields.shift_remove("routeLabels");
            fields.values_mut().for_each(as_of_025);
        }
        _ => {}
    }
}

fn shown_as_of_025(answer: &Answer) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(&answer.text) else {
        return answer.text.clone();
    };
    as_of_025(&mut value);
    let end = if answer.text.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    value.to_string() + end
}

async fn ask(site: &Site, entry: &Entry, path: &str, body: &str) -> Answer {
    let mut request = Request::builder().method(entry.method).uri(path);
    if let Some(content_type) = entry.content_type {
        request = request.header("content-type", content_type);
    }
    let answer = site.ask(request, body).await;
    settled(site).await;
    answer
}

/// The document that Alertmanager ran with, from its own answer.
fn document(entries: &[Entry]) -> String {
    let status: Value = serde_json::from_str(&entries[0].answer).expect("the status");
    let original = status["config"]["original"].as_str();
    original.expect("the document").to_owned()
}

#[tokio::test]
async fn each_recorded_request_is_answered_as_recorded_or_as_the_deviations_say() {
    let entries = entries();
    assert_eq!(entries.len(), 75, "the whole transcript");
    let clock = Arc::new(ManualClock::at(RECORDED));
    let site = Site::with(&document(&entries), clock).await;
    let (mut theirs, mut ours) = (Ids::default(), Ids::default());
    let mut used = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries.iter().filter(|entry| entry.path != SKIPPED) {
        let path = theirs.translated(entry.path, &ours);
        let body = theirs.translated(entry.body, &ours);
        let answer = ask(&site, entry, &path, &body).await;
        let deviation = DEVIATIONS
            .iter()
            .position(|d| entry.line.ends_with(d.request));
        let found = shown_as_of_025(&answer);
        let (status, expected) = match deviation {
            Some(index) => {
                used.push(index);
                (DEVIATIONS[index].status, DEVIATIONS[index].body.to_owned())
            }
            None => (entry.status, redacted(&entry.answer, &mut theirs)),
        };
        let found = redacted(&found, &mut ours);
        let declared = answer.headers.get("content-type");
        let declared = declared.map_or("", |value| value.to_str().expect("text"));
        let same_type = deviation.is_some() || declared == entry.answer_type;
        if answer.status != status || found != expected || !same_type {
            wrong.push(format!(
                "{}\n  expected {status} {expected:?}\n  found    {} {found:?} {declared}",
                entry.line, answer.status
            ));
        }
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), DEVIATIONS.len(), "a deviation that is none");
    assert!(
        wrong.is_empty(),
        "{} answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
