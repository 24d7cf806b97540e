//! What can be configured, and what is refused.

use std::io::Write as _;

use super::*;

#[test]
fn alertmanagers_keys_are_read_as_alertmanager_reads_them() {
    use server::Protection::{Implicit, PlainLoopback, PlainPrivate, StartTls};
    let at = |smarthost: &str, more: Value| {
        let mut receiver =
            json!({"to": "a@example.com", "from": "b@example.com", "smarthost": smarthost});
        for (key, value) in more.as_object().expect("a mapping") {
            receiver[key] = value.clone();
        }
        built(&json!({}), &receiver).expect("a channel").server
    };
    assert_eq!(at("m.example:465", json!({})).protection, Implicit);
    assert_eq!(at("m.example:587", json!({})).protection, StartTls);
    assert_eq!(
        at("m.example:25", json!({"require_tls": false})).protection,
        PlainPrivate
    );
    assert_eq!(
        at("m.example:26", json!({"force_implicit_tls": true})).protection,
        Implicit
    );
    assert_eq!(at("[::1]:25", json!({})).host, "::1");
    assert_eq!(
        at("m.example:25", json!({"hello": "localhost"})).hello,
        None
    );
    let login = at(
        "m.example:25",
        json!({"auth_username": "u", "auth_password": "p", "auth_identity": "i"}),
    )
    .login;
    assert_eq!(
        login.map(|login| (login.user, login.identity)),
        Some(("u".to_owned(), "i".to_owned()))
    );
    let local = built(
        &json!({"host": "localhost", "port": 25, "tls": "none_loopback", "from": "b@example.com"}),
        &json!({"to": ["a@example.com"]}),
    );
    assert_eq!(local.expect("a channel").server.protection, PlainLoopback);
    let outlook = built(
        &json!({"preset": "outlook", "user": "u@example.com", "password": "p"}),
        &json!({"to": "a@example.com"}),
    );
    let outlook = outlook.expect("a channel").server;
    assert_eq!(
        (outlook.host.as_str(), outlook.port, outlook.protection),
        ("smtp.office365.com", 587, StartTls)
    );
}

#[test]
fn unusable_options_are_named_by_their_keys() {
    let good = json!({"preset": "qq", "user": "u@qq.com", "password": "p"});
    for (account, receiver, key) in [
        (good.clone(), json!({}), "to"),
        (good.clone(), json!({"to": "{{ .To }}"}), "to"),
        (good.clone(), json!({"to": "a@example.com\nb"}), "to"),
        (
            good.clone(),
            json!({"to": "a@example.com", "from": "x"}),
            "from",
        ),
        (
            good.clone(),
            json!({"to": "a@example.com", "smarthost": "nohost"}),
            "smarthost",
        ),
        (
            good.clone(),
            json!({"to": "a@example.com", "headers": {"Bcc": "x@example.com"}}),
            "headers.Bcc",
        ),
        (
            good.clone(),
            json!({"to": "a@example.com", "headers": {"X Y": "x"}}),
            "headers.X Y",
        ),
        (
            json!({"user": "u@qq.com", "password": "p"}),
            json!({"to": "a@example.com"}),
            "host",
        ),
        (
            json!({"preset": "qq", "user": "u@qq.com"}),
            json!({"to": "a@example.com"}),
            "password",
        ),
        (
            json!({"host": "h", "from": "a@example.com"}),
            json!({"to": "a@example.com", "auth_secret": "x"}),
            "auth_secret",
        ),
        (json!({"host": "h"}), json!({"to": "a@example.com"}), "from"),
    ] {
        let errors = built(&account, &receiver).expect_err("refused");
        assert_eq!(
            errors.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(),
            [key],
            "{receiver}"
        );
    }
}

#[test]
fn secrets_are_not_shown() {
    let account = json!({"preset": "qq", "user": "u@qq.com", "password": "s3cret"});
    let email = built(&account, &json!({"to": "a@example.com"})).expect("a channel");
    let mut shown = Vec::new();
    write!(shown, "{email:?}").expect("written");
    assert!(!String::from_utf8_lossy(&shown).contains("s3cret"));
}
