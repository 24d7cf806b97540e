//! What every entry owes, as far as it shows without a provider.

use std::collections::HashSet;
use std::sync::Arc;

use balefire_channels::http::{Http, HttpSettings};
use balefire_channels::registry::{CHANNELS, find, for_receiver_key};
use balefire_channels::spec::{Build, ChannelSpec};
use balefire_channels::token::Tokens;
use balefire_core::field::{Field, Kind};
use serde_json::{Map, Value, json};

use crate::sample::{Reply, providers, replies, sample};

#[test]
fn kinds_are_unique_and_found_by_name_and_by_key() {
    let kinds: HashSet<&str> = CHANNELS.iter().map(|spec| spec.kind).collect();
    assert_eq!(kinds.len(), CHANNELS.len());
    for spec in CHANNELS {
        assert!(
            find(spec.kind).is_some_and(|found| std::ptr::eq(found, *spec)),
            "{}",
            spec.kind
        );
        assert!(for_receiver_key(spec.receiver_key).any(|found| found.kind == spec.kind));
        assert!(spec.receiver_key.ends_with("_configs"), "{}", spec.kind);
    }
    assert!(find("no such kind").is_none());
}

#[test]
fn every_key_is_named_once_and_documented() {
    for spec in CHANNELS {
        for table in [spec.account_fields, spec.receiver_fields] {
            let names: HashSet<&str> = table.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), table.len(), "{}", spec.kind);
            assert!(
                table.iter().all(|field| field.doc.ends_with('.')),
                "{}",
                spec.kind
            );
        }
        assert!(
            spec.concurrency > 0 && !spec.timeout.is_zero(),
            "{}",
            spec.kind
        );
        assert!(spec.limits.max_targets_per_call > 0, "{}", spec.kind);
        assert!(
            !spec.title.0.is_empty() && !spec.title.1.is_empty(),
            "{}",
            spec.kind
        );
    }
}

#[test]
fn the_sample_of_every_kind_builds_and_shows_no_secret() {
    for spec in providers() {
        let sample = sample(spec, "http://127.0.0.1:9");
        let empty = Value::Object(Map::new());
        let (account, receiver) = (
            sample.get("account").unwrap_or(&empty),
            sample.get("receiver").unwrap_or(&empty),
        );
        for (map, table) in [
            (account, spec.account_fields),
            (receiver, spec.receiver_fields),
        ] {
            for key in map.as_object().expect("a mapping").keys() {
                let known = table.iter().any(|field| field.name == key);
                assert!(
                    known,
                    "{}: the sample's key {key} is in no table",
                    spec.kind
                );
            }
            for field in table.iter().filter(|field| field.required) {
                assert!(
                    map.get(field.name).is_some(),
                    "{}: {} is required",
                    spec.kind,
                    field.name
                );
            }
            hidden_values_are_canaries(spec, map, table);
        }
        let build = Build {
            account_name: "sample",
            account,
            receiver,
            http: Http::new(HttpSettings::default()).expect("a client"),
            tokens: Arc::new(Tokens::new()),
        };
        let channel = (spec.build)(&build).unwrap_or_else(|e| panic!("{}: {e:?}", spec.kind));
        assert_eq!(channel.spec().kind, spec.kind);
        for target in channel.targets() {
            assert!(!target.label.contains("s3cret") && !target.address.contains("s3cret"));
        }
    }
}

fn hidden_values_are_canaries(spec: &ChannelSpec, map: &Value, table: &[Field]) {
    for field in table
        .iter()
        .filter(|f| matches!(f.kind, Kind::Secret | Kind::SecretUrl))
    {
        if let Some(Value::String(text)) = map.get(field.name) {
            // `czNjcmV0` is s3cret in base64, for secrets that must be encoded.
            let canary = text.contains("s3cret") || text.contains("czNjcmV0");
            assert!(canary, "{}: {} must contain s3cret", spec.kind, field.name);
        }
    }
}

#[test]
fn nonsense_is_refused_without_a_panic() {
    for spec in providers() {
        for value in [
            json!({}),
            json!(null),
            json!([]),
            json!({"url": 7, "to": {"a": []}, "host": []}),
        ] {
            let build = Build {
                account_name: "sample",
                account: &value,
                receiver: &value,
                http: Http::new(HttpSettings::default()).expect("a client"),
                tokens: Arc::new(Tokens::new()),
            };
            let errors = (spec.build)(&build).err().unwrap_or_default();
            assert!(!errors.is_empty(), "{}: {value} must be refused", spec.kind);
            assert!(
                errors
                    .iter()
                    .all(|error| !error.key.is_empty() && !error.problem.is_empty())
            );
        }
    }
}

#[test]
fn every_kind_has_its_replies() {
    let words = [
        "ok",
        "transient",
        "rate_limited",
        "stale_credential",
        "misconfigured",
        "rejected",
        "unsupported",
        "unknown_outcome",
    ];
    for spec in providers() {
        let mut cases = HashSet::new();
        for Reply { name, value } in replies(spec) {
            let expect = value["expect"].as_str().unwrap_or_default();
            assert!(words.contains(&expect), "{name}: {expect:?}");
            assert!(
                value["status"].is_u64() || value["reply"].is_string(),
                "{name}"
            );
            cases.insert(name.rsplit('/').next().unwrap_or_default().to_owned());
        }
        for case in [
            "ok",
            "rate_limited",
            "bad_credentials",
            "rejected",
            "server_error",
        ] {
            // A command of one's own machine asks for no credentials, and has no word for a quota.
            if spec.kind == "command" && matches!(case, "rate_limited" | "bad_credentials") {
                continue;
            }
            assert!(
                cases.contains(case),
                "{}: reply.{case}.json is missing",
                spec.kind
            );
        }
    }
}
