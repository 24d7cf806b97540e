//! What senders hear in their own service's words.

use balefire_core::time::Time;
use balefire_sources::ask::{Ask, Deed, Name};
use balefire_sources::manners::{Answer, Head, Outcome, Taken, Voice};
use balefire_sources::parsed::Refusal;
use balefire_sources::registry::{SOURCES, find};
use serde_json::{Value, json};

use crate::request::{Request, fixture};

/// The answer to a request, as the node gives it when the store takes everything.
pub(crate) fn answer(kind: &str, request: &Request) -> Option<Answer> {
    let spec = find(kind).expect("the kind is registered");
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let head = Head {
        method: &request.method,
        path: &request.path,
        query: &request.query,
        headers: &headers,
    };
    let (said, parsed);
    let outcome = match request.read_by(spec) {
        Ok(found) => {
            parsed = found;
            Outcome::Taken(Taken {
                alerts: parsed.alerts.len(),
                complaints: &parsed.complaints,
                reply: &parsed.reply,
            })
        }
        Err(refusal) => {
            let status = refusal.status();
            said = refusal.to_string();
            Outcome::Failed {
                status,
                detail: &said,
            }
        }
    };
    match (spec.manners.answer)(&head, &outcome) {
        Voice::Own(answer) => Some(answer),
        Voice::Common => None,
    }
}

/// The status and the JSON of an answer.
fn said(kind: &str, request: &Request) -> (u16, Value) {
    let answer = answer(kind, request).expect("an answer of its own");
    let body = serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body));
    (answer.status, body)
}

fn at(path: &str, body: &Value) -> Request {
    Request {
        path: path.to_owned(),
        ..Request::json(body.to_string())
    }
}

#[test]
fn a_wrong_token_counts_as_a_guess_and_an_ailing_node_is_asked_again_whatever_the_shape() {
    for spec in SOURCES {
        for status in [401, 500, 503, 507] {
            for path in ["", "v2/enqueue", "v2/alerts", "message", "topic"] {
                let head = Head {
                    method: "POST",
                    path,
                    query: "",
                    headers: &[("accept", "application/json")],
                };
                let detail = "words";
                let outcome = Outcome::Failed { status, detail };
                if let Voice::Own(answer) = (spec.manners.answer)(&head, &outcome) {
                    assert_eq!(answer.status, status, "{} {path}", spec.kind);
                }
            }
        }
    }
}

#[test]
fn pagerduty_s_clients_hear_what_pagerduty_says() {
    let kind = "pagerduty_events";
    let taken =
        json!({"status": "success", "message": "Event processed", "dedup_key": "disk/db-01"});
    for name in ["trigger.json", "acknowledge.json", "resolve.json"] {
        assert_eq!(
            said(kind, &fixture(kind, name)),
            (202, taken.clone()),
            "{name}"
        );
    }
    let change = json!({"status": "success", "message": "Change event processed"});
    assert_eq!(said(kind, &fixture(kind, "change.http")), (202, change));
    let v1 =
        json!({"status": "success", "message": "Event processed", "incident_key": "srv01/HTTP"});
    assert_eq!(said(kind, &fixture(kind, "v1_trigger.http")), (200, v1));
    let (status, made) = said(kind, &fixture(kind, "v2_without_key.http"));
    assert_eq!(
        (status, made["dedup_key"].as_str().map(str::len)),
        (202, Some(32))
    );
}

#[test]
fn pagerduty_s_clients_are_told_what_is_wrong_with_an_event() {
    let kind = "pagerduty_events";
    let key = "e93facc04764012d7bfb002500d5d1a6";
    for (body, problem) in [
        (
            json!({"event_action": "trigger"}),
            "routing_key: 'routing_key' is missing or blank",
        ),
        (
            json!({"routing_key": key, "event_action": "trigger"}),
            "payload: 'payload' is missing or blank",
        ),
        (
            json!({"routing_key": key, "event_action": "trigger", "payload": []}),
            "payload: expected an object, found an array",
        ),
        (
            json!({"routing_key": key, "event_action": "trigger", "payload": {}}),
            "payload.summary: 'payload.summary' is missing or blank",
        ),
        (
            json!({"routing_key": key, "event_action": "resolve"}),
            "dedup_key: 'dedup_key' is missing or blank",
        ),
        (
            json!({"routing_key": key, "event_action": "explode"}),
            "event_action: \"explode\" is none of trigger, acknowledge, resolve",
        ),
    ] {
        let expected = json!({"status": "invalid event", "message": "Event object is invalid", "errors": [problem]});
        assert_eq!(
            said(kind, &at("v2/enqueue", &body)),
            (400, expected),
            "{body}"
        );
    }
    assert_eq!(said(kind, &at("v3/enqueue", &json!({}))).0, 404);
}

#[test]
fn a_routing_key_names_its_service_and_others_are_turned_away() {
    let kind = "pagerduty_events";
    let mut request = fixture(kind, "trigger.json");
    request.options = json!({"routing_keys": {"payments": "e93facc04764012d7bfb002500d5d1a6"}});
    let parsed = request.read(kind).expect("readable");
    assert_eq!(parsed.alerts[0].labels.get("service"), Some("payments"));
    request.options = json!({"routing_keys": {"payments": "another"}});
    assert!(matches!(request.read(kind), Err(Refusal::Stranger(_))));
    assert_eq!(said(kind, &request).0, 401);
}

#[test]
fn the_same_key_of_two_services_is_two_alerts_and_a_made_key_differs_from_time_to_time() {
    let kind = "pagerduty_events";
    let identity = |key: &str| {
        let body = json!({"routing_key": key, "event_action": "resolve", "dedup_key": "d"});
        at("", &body).read(kind).expect("readable").alerts[0]
            .identity
            .clone()
    };
    assert_ne!(identity("a"), identity("b"));
    let made = |secs: i64| {
        let request = fixture(kind, "v2_without_key.http");
        request
            .read_at(kind, Time::from_secs(secs))
            .expect("readable")
            .reply
    };
    assert_eq!(made(1_772_592_300), made(1_772_592_300));
    assert_ne!(made(1_772_592_300), made(1_772_592_301));
}

#[test]
fn opsgenie_s_clients_get_a_request_id_and_learn_what_became_of_it() {
    let kind = "opsgenie";
    for (name, action) in [
        ("create.http", "create"),
        ("acknowledge.http", "acknowledge"),
        ("note.http", "notes"),
        ("close.http", "close"),
        ("jsm_minimal.http", "create"),
    ] {
        let (status, body) = said(kind, &fixture(kind, name));
        assert_eq!(
            (status, &body["result"]),
            (202, &json!("Request will be processed"))
        );
        let id = body["requestId"].as_str().expect("an id");
        let asked = Request {
            method: "GET".to_owned(),
            ..at(&format!("v2/alerts/requests/{id}"), &Value::Null)
        };
        let (status, body) = said(kind, &asked);
        let data = &body["data"];
        assert_eq!(
            (status, &data["isSuccess"], &data["action"]),
            (200, &json!(true), &json!(action))
        );
        assert_eq!(data["processedAt"], "2026-03-04T02:45:00.000Z");
        assert_eq!(data["alertId"].as_str().map(str::len), Some(36));
    }
    let other = Request {
        method: "GET".to_owned(),
        ..at(
            "v2/alerts/requests/43a29c5c-3dbf-4fa4-9c26-f4f71023e120",
            &Value::Null,
        )
    };
    assert_eq!(said(kind, &other).0, 404);
}

#[test]
fn an_opsgenie_alert_is_closed_by_its_alias_or_by_the_id_that_was_told() {
    let kind = "opsgenie";
    let identity = |request: &Request| {
        request.read(kind).expect("readable").alerts[0]
            .identity
            .clone()
    };
    let created = fixture(kind, "create.http");
    let closed = identity(&fixture(kind, "close.http"));
    assert_eq!(identity(&created), closed);
    let id = said(kind, &created).1["requestId"].as_str().expect("an id")[..36].to_owned();
    assert_eq!(
        identity(&at(&format!("v2/alerts/{id}/close"), &json!({}))),
        closed
    );
    let no_type = at("v2/alerts/disk/db-01/close", &json!({}));
    assert_eq!(identity(&no_type), closed);
    let tiny = Request {
        query: "identifierType=tiny".to_owned(),
        ..at("v2/alerts/17/close", &json!({}))
    };
    assert_eq!(said(kind, &tiny).0, 202);
    let asked = tiny.read(kind).expect("readable").ask;
    let Some(Ask::Do { name, deed, .. }) = asked else {
        panic!("nothing is asked");
    };
    assert_eq!((name, deed), (Name::Number(17), Deed::Close));
    let unknown = Request {
        query: "identifierType=name".to_owned(),
        ..at("v2/alerts/17/close", &json!({}))
    };
    assert_eq!(said(kind, &unknown).0, 422);
}

#[test]
fn opsgenie_s_clients_are_told_what_is_wrong_by_field() {
    let (status, body) = said("opsgenie", &at("v2/alerts", &json!({"alias": "a"})));
    assert_eq!(
        (status, &body["errors"]),
        (422, &json!({"message": "the message must not be empty"}))
    );
    assert_eq!(said("opsgenie", &at("v2/teams", &json!({}))).0, 404);
    let mut broken = at("v2/alerts", &json!({}));
    broken.body = b"{".to_vec();
    assert_eq!(said("opsgenie", &broken).0, 400);
}

#[test]
fn a_key_is_found_where_its_sender_shows_it() {
    let shown = |kind: &str, path: &str, query: &str, header: (&str, &str)| {
        let head = Head {
            method: "POST",
            path,
            query,
            headers: &[header],
        };
        (find(kind).expect("registered").manners.token)(&head)
    };
    let nothing = ("host", "gw.example.com");
    assert_eq!(
        shown("opsgenie", "", "", ("authorization", "GenieKey k")).as_deref(),
        Some("k")
    );
    assert_eq!(shown("opsgenie", "", "", nothing), None);
    assert_eq!(
        shown("gotify", "", "", ("x-gotify-key", "k")).as_deref(),
        Some("k")
    );
    assert_eq!(
        shown("gotify", "", "token=k", nothing).as_deref(),
        Some("k")
    );
    let newer = ("x-apprise-config-id", "k");
    assert_eq!(
        shown("apprise_api", "notify", "", newer).as_deref(),
        Some("k")
    );
    assert_eq!(
        shown("apprise_api", "notify/k/", "", nothing).as_deref(),
        Some("k")
    );
    // "Bearer k" and "Basic OnB3" (":pw") in URL-safe base64 without padding.
    assert_eq!(
        shown("ntfy", "ops", "auth=QmVhcmVyIGs", nothing).as_deref(),
        Some("k")
    );
    assert_eq!(
        shown("ntfy", "ops", "auth=QmFzaWMgT25CMw", nothing).as_deref(),
        Some("pw")
    );
    assert_eq!(shown("ntfy", "ops", "auth=***", nothing), None);
}

#[test]
fn chat_clients_hear_what_their_service_says() {
    for name in [
        "attachments.json",
        "blocks.json",
        "payload.form.txt",
        "text.json",
    ] {
        let ok = Answer::text(200, "ok");
        assert_eq!(
            answer("slack_incoming", &fixture("slack_incoming", name)),
            Some(ok)
        );
    }
    let word = |body: &str| {
        let said = answer("slack_incoming", &Request::json(body)).expect("an answer");
        (said.status, said.body)
    };
    assert_eq!(word("{}"), (400, "no_text".to_owned()));
    assert_eq!(word(r#"{"text": " "}"#), (400, "no_text".to_owned()));
    assert_eq!(word("{"), (400, "invalid_payload".to_owned()));
    assert_eq!(word("[1]"), (400, "invalid_payload".to_owned()));

    let (status, body) = said("ntfy", &fixture("ntfy", "json.http"));
    assert_eq!(
        (status, &body["event"], &body["topic"]),
        (200, &json!("message"), &json!("ops"))
    );
    assert_eq!(
        (&body["title"], &body["priority"]),
        (&json!("[FIRING] 磁盘已满"), &json!(4))
    );
    assert_eq!(
        (&body["tags"], &body["time"]),
        (&json!(["warning", "db-01"]), &json!(1_772_592_300))
    );
    let (_, body) = said("ntfy", &fixture("ntfy", "no_words.http"));
    assert_eq!(
        (&body["message"], body.get("title")),
        (&json!("triggered"), None)
    );
    let (status, body) = said("ntfy", &at("no topic!", &json!({})));
    assert_eq!(
        (status, &body["code"], &body["http"]),
        (400, &json!(40_009), &json!(400))
    );
    assert_eq!(said("ntfy", &at("ops/json", &json!({}))).1["code"], 40_401);

    let (status, body) = said("gotify", &fixture("gotify", "message.http"));
    assert_eq!(
        (status, &body["title"], &body["priority"]),
        (200, &json!("Disk full"), &json!(8))
    );
    assert!(
        body["id"].is_u64() && body["date"] == "2026-03-04T02:45:00.000Z",
        "{body}"
    );
    let (status, body) = said("gotify", &at("message", &json!({"title": "t"})));
    assert_eq!(
        (status, &body["error"], &body["errorCode"]),
        (400, &json!("Bad Request"), &json!(400))
    );

    let (status, body) = said("apprise_api", &fixture("apprise_api", "notify_key.http"));
    assert_eq!((status, body), (200, json!({"error": null, "details": []})));
    let plain = answer(
        "apprise_api",
        &fixture("apprise_api", "notify_key.form.txt"),
    );
    assert_eq!(plain, Some(Answer::text(200, "The alert is on disk.")));
    assert_eq!(
        said("apprise_api", &at("notify/k", &json!({"type": "info"}))).0,
        400
    );
}
