//! Grafana's webhook, both of them: unified alerting (8 and later) and the legacy dashboard alerts
//! (up to 10). One kind takes both, told apart by shape, so that an upgrade of Grafana needs no
//! change here.

mod legacy;
mod unified;

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use serde_json::Value;

use crate::generic;
use crate::json;
use crate::manners::Manners;
use crate::parsed::{Parsed, Refusal};
use crate::signature;
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "grafana",
    title: ("Grafana", "Grafana"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[
        Field::optional(
            "secret",
            Kind::Secret,
            "HMAC secret of the contact point; when set, unsigned requests are refused.",
        ),
        Field::optional("hmac_header", Kind::Text, "Header with the signature.")
            .or("X-Grafana-Alerting-Signature"),
        Field::optional(
            "timestamp_header",
            Kind::Text,
            "Header with the signed timestamp, if the contact point has one; at most five minutes old.",
        ),
    ],
    setup: include_str!("../../setup/grafana.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    signature::grafana(inbound)?;
    from_value(inbound, &json::read(inbound.body)?)
}

/// Reads the body's tree: unified, legacy, or an operator's own template.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    if let Some(alerts) = body.get("alerts") {
        unified::read(body, alerts)
    } else if legacy::is(body) {
        Ok(legacy::read(body))
    } else {
        generic::from_value(inbound, body)
    }
}

/// Whether a body is a legacy alert.
pub(crate) fn is_legacy(body: &Value) -> bool {
    legacy::is(body)
}
