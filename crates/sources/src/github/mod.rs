//! GitHub's webhooks: workflow runs, checks, deployments, and security alerts.
//!
//! Source: GitHub's "Webhook events and payloads" and "Validating webhook deliveries". What failed begins an alert,
//! the next success of the same workflow (or check, or environment) on the same branch ends it; a security alert
//! ends when it is fixed or dismissed. Pings, runs that were cancelled or skipped, and other events are noted only.

mod runs;
mod security;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use serde_json::Value;

use crate::content::{self, Content};
use crate::draft::Draft;
use crate::generic;
use crate::json::fields::text;
use crate::manners::Manners;
use crate::parsed::{Complaint, Parsed, Refusal};
use crate::signature;
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "github",
    title: ("GitHub", "GitHub"),
    lifecycle: Lifecycle::Explicit,
    // GitHub sends up to 25 MB; what makes an alert is far smaller.
    body_limit: 25 * 1_048_576,
    fields: &[Field::optional(
        "secret",
        Kind::Secret,
        "The webhook's secret; when set, unsigned requests are refused.",
    )],
    setup: include_str!("../../setup/github.md"),
    manners: Manners::USUAL,
    parse,
};

/// What an event says: an alert, or in a few words that it is none.
enum Said<'a> {
    Alert(Draft<'a>),
    Nothing(String),
}

type Read<'a> = Result<Said<'a>, Complaint>;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    signature::of_body(inbound, "x-hub-signature-256", "sha256=")?;
    match content::of(inbound, true)? {
        Content::Json(value) => from_value(inbound, &value),
        Content::Text(_) | Content::Empty => Err(Refusal::malformed(
            "body",
            "expected JSON, or a form with the field payload",
        )),
    }
}

/// Whether a body is one of GitHub's.
pub(crate) fn is(inbound: &Inbound<'_>, body: &Value) -> bool {
    inbound.header("x-github-event").is_some()
        || (body.get("workflow_run").is_some() && body.get("repository").is_some())
}

/// Reads the body's tree by what it holds: behind some proxies the header is lost.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let event = inbound.header("x-github-event");
    let holds = |key: &str| body.get(key).is_some_and(Value::is_object);
    let read = if holds("workflow_run") {
        runs::workflow(body)
    } else if holds("check_run") {
        runs::check(body, "check_run")
    } else if holds("check_suite") {
        runs::check(body, "check_suite")
    } else if holds("deployment_status") {
        Ok(runs::deployment(body))
    } else if holds("alert") && holds("repository") {
        security::read(body)
    } else if event.is_some() || body.get("zen").is_some() {
        let event = event.unwrap_or("ping");
        let action = text(body, "action").unwrap_or_default();
        Ok(Said::Nothing(format!("{event} {action}")))
    } else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    match read {
        Ok(Said::Alert(draft)) => draft.finish(&mut parsed),
        Ok(Said::Nothing(words)) => parsed.note(format!("{}: noted only", words.trim())),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

/// The repository as `owner/name`.
fn repository(body: &Value) -> String {
    let repository = body.get("repository").unwrap_or(&Value::Null);
    text(repository, "full_name")
        .unwrap_or_default()
        .into_owned()
}
