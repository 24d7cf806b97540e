//! Quiet hours, of people and of accounts.

use std::sync::Arc;

use balefire_core::person::{Quiet, QuietError, QuietSpec};

use super::{Compiler, schedule};
use crate::problem::Path;
use crate::tree::Node;

/// When an account's notices wait: by the hours' own zone, else by that of its readers, else by the server's.
pub(super) fn of_account(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
) -> Option<Quiet> {
    let quiet = node.at("quiet")?;
    let server = compiler.find(&["server", "timezone"]).and_then(Node::text);
    let zone = node.text_at("timezone").or(server).unwrap_or("UTC");
    let spec = hours(compiler, zone, quiet, &path.key("quiet"))?;
    match Quiet::new(&spec) {
        Ok(quiet) => Some(quiet),
        Err(error) => {
            refused(compiler, node, path, &error);
            None
        }
    }
}

/// Quiet hours as written, in `zone` where they name none.
pub(super) fn hours(
    compiler: &mut Compiler<'_>,
    zone: &str,
    node: &Node,
    path: &Path<'_>,
) -> Option<QuietSpec> {
    let calendar = schedule::calendar(compiler, node, path)?;
    let zone = [node.text_at("timezone"), Some(zone)];
    let zone = zone.into_iter().flatten().find(|zone| !zone.is_empty());
    let broken_by = node.text_at("broken_by");
    Some(QuietSpec {
        timezone: zone.unwrap_or("UTC").to_owned(),
        hours: node
            .at("hours")?
            .items()
            .iter()
            .map(schedule::restriction)
            .collect(),
        calendar,
        allow: node
            .at("allow")
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .map(Arc::from)
            .collect(),
        broken_by: broken_by
            .and_then(|word| serde_json::from_value(word.into()).ok())
            .unwrap_or_default(),
    })
}

/// Tells what core refuses of the quiet hours of `node`.
pub(super) fn refused(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
    error: &QuietError,
) {
    let path = path.key("quiet");
    let Some(quiet) = node.at("quiet") else {
        return;
    };
    let hours = quiet.at("hours");
    match error {
        QuietError::Zone(error) => {
            let place = quiet.at("timezone").map_or(quiet.place, |node| node.place);
            schedule::say(compiler, place, &path.key("timezone"), &error.to_string());
        }
        QuietError::Count(_) => {
            let place = hours.map_or(quiet.place, |node| node.place);
            let words = error.to_string();
            let words = words.strip_prefix("hours: ").unwrap_or(&words);
            schedule::say(compiler, place, &path.key("hours"), words);
        }
        QuietError::Hours { number, problem } => {
            let index = number - 1;
            let item = hours.and_then(|hours| hours.items().get(index));
            let place = item.map_or(quiet.place, |node| node.place);
            let path = path.key("hours");
            schedule::say(compiler, place, &path.index(index), &problem.to_string());
        }
    }
}
