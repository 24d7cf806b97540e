//! Which options a direct message may give to an account: whom to tell and how it looks, never where
//! the account connects to or with what.
//!
//! A receiver's entry in the operator's own document may name another server, a file or a password; a
//! caller of this interface who may send must not be able to lead an account's credentials elsewhere
//! or have files read.

use balefire_channels::spec::ChannelSpec;
use balefire_core::field::Kind;
use http::StatusCode;
use serde_json::Value;

use super::query::unknown;
use crate::error::Problem;

/// Options that say where and how an account connects although they are plain texts and switches.
const CONNECTION: &[&str] = &[
    "account",
    "auth_identity",
    "auth_username",
    "force_implicit_tls",
    "hello",
    "http_config",
    "insecure_skip_verify",
    "proxy_url",
    "require_tls",
    "smarthost",
    "tls_config",
];

/// Refuses options that the account's kind does not have, and those that are the document's to say.
pub(crate) fn check(spec: &ChannelSpec, options: &Value) -> Result<(), Problem> {
    let names = options.as_object().into_iter().flat_map(|map| map.keys());
    for name in names {
        let field = spec.receiver_fields.iter().find(|field| field.name == name);
        let Some(field) = field else {
            let known = spec.receiver_fields.iter().map(|field| field.name);
            let known = known.filter(|name| !CONNECTION.contains(name));
            return Err(refused(&unknown("option", name, known)));
        };
        let steers = matches!(field.kind, Kind::Secret | Kind::SecretUrl | Kind::Url)
            || name.ends_with("_file")
            || CONNECTION.contains(&name.as_str());
        if steers {
            return Err(refused(&format!(
                "option {name:?} says where or with what an account connects, which only the configuration may"
            )));
        }
    }
    Ok(())
}

fn refused(detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "options", detail)
}

#[cfg(test)]
mod tests {
    use balefire_channels::registry;
    use serde_json::json;

    use super::*;

    fn verdict(kind: &str, options: &Value) -> Result<(), String> {
        let spec = registry::find(kind).expect("a kind");
        check(spec, options).map_err(|problem| problem.detail)
    }

    #[test]
    fn a_caller_says_whom_and_the_document_says_where() {
        assert_eq!(verdict("smtp", &json!({"to": "ops@example.com"})), Ok(()));
        for stolen in [
            "smarthost",
            "auth_password",
            "auth_password_file",
            "tls_config",
        ] {
            let told = verdict("smtp", &json!({stolen: "evil.example.com:25"}));
            assert!(told.is_err_and(|told| told.contains(stolen)), "{stolen}");
        }
        for stolen in ["url", "url_file", "secret"] {
            assert!(verdict("webhook", &json!({stolen: "http://10.0.0.1"})).is_err());
        }
        assert!(
            verdict("smtp", &json!({"too": "x"}))
                .is_err_and(|told| told.contains("did you mean \"to\""))
        );
    }
}
