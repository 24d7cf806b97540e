//! How often an account's provider may be called, and how long a try may take.

use std::time::Duration;

use balefire_channels::spec::{ChannelSpec, Quota};

use super::{Compiler, span};
use crate::problem::Path;
use crate::tree::Node;

/// Shortest and longest time that one try may be given.
const TIMEOUTS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_mins(5);

/// How often its provider may be called: the document's word, or the kind's own.
pub(super) fn quotas(
    compiler: &mut Compiler<'_>,
    node: &Node,
    spec: &ChannelSpec,
    path: &Path<'_>,
) -> Vec<Quota> {
    let Some(given) = node.at("quotas") else {
        return spec.quotas.to_vec();
    };
    let path = path.key("quotas");
    let mut quotas = Vec::new();
    for (index, item) in given.items().iter().enumerate() {
        let calls = item.text_at("calls").and_then(|text| text.parse().ok());
        let (Some(calls), Some(per)) = (calls, item.at("per").and_then(span)) else {
            continue;
        };
        if per.is_zero() {
            let path = path.index(index);
            compiler.findings.problem(
                item.place,
                &path.key("per"),
                "a quota needs a time",
                "write 1m",
            );
        }
        let penalty = item.at("penalty").and_then(span).unwrap_or_default();
        quotas.push(Quota {
            calls,
            per,
            penalty,
        });
    }
    quotas
}

/// How long one try may take, when the document says so.
pub(super) fn timeout(
    compiler: &mut Compiler<'_>,
    node: &Node,
    spec: &ChannelSpec,
    path: &Path<'_>,
) -> Option<Duration> {
    let given = node.at("timeout")?;
    let timeout = span(given)?;
    if !TIMEOUTS.contains(&timeout) {
        let message = "a try takes between 100ms and 5m";
        let hint = format!(
            "the kind's own is {}",
            balefire_core::duration::format(spec.timeout)
        );
        compiler
            .findings
            .problem(given.place, &path.key("timeout"), message, hint);
    }
    Some(timeout)
}
