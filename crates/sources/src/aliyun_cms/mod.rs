//! Alibaba Cloud Monitor (云监控): the threshold callback, the older system event callback, and CMS
//! 2.0's webhook.
//!
//! Source: Alibaba Cloud's documentation of alarm callbacks. The algorithm of the callback's
//! `signature` is not documented, so it cannot be checked: use a token. Threshold alarms come as a
//! form, system events as JSON; the text `null` means nothing. An event pushed by a subscription
//! has a shape of its own and is read as a generic one.

mod cms2;
mod system_event;
mod threshold;

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use serde_json::Value;

use crate::content::{self, Content};
use crate::generic;
use crate::json::fields;
use crate::manners::Manners;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};
use crate::text;

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "aliyun_cms",
    title: ("Alibaba Cloud Monitor", "阿里云云监控"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../../setup/aliyun_cms.md"),
    manners: Manners::USUAL,
    parse,
};

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    match content::of(inbound, true)? {
        Content::Json(value) => from_value(inbound, &value),
        Content::Text(words) => match crate::form::fields(words.as_bytes()) {
            // A proxy may have lost the form content type on the way.
            Ok(value) if threshold::is(&value) => from_value(inbound, &value),
            _ => text::from_text(&words),
        },
        Content::Empty => Err(Refusal::malformed("body", "empty")),
    }
}

/// Whether a body is one of the three shapes.
pub(crate) fn is(body: &Value) -> bool {
    threshold::is(body) || system_event::is(body) || cms2::is(body)
}

/// Reads the body's tree by its shape.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let read = if threshold::is(body) {
        threshold::read
    } else if system_event::is(body) {
        system_event::read
    } else if cms2::is(body) {
        cms2::read
    } else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    match read(body) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

/// A member as text; the word `null` is nothing.
fn text_of<'a>(body: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    fields::text(body, key).filter(|value| value != "null")
}
