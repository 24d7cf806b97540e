//! Who may call an older service: the rules of `access.rules`, for the paths that it has.

use super::super::Compiler;
use super::super::access::networks;
use crate::legacy::paths;
use crate::plan::AccessRule;
use crate::problem::Path;
use crate::tree::Node;

/// The services and their paths.
const PATHS: [(&str, &[&[&str]]); 5] = [
    (
        "apptools",
        &[
            paths::APPTOOLS,
            paths::APPTOOLS_KEPT,
            &[paths::APPTOOLS_FILES],
        ],
    ),
    ("push", &[paths::PUSH]),
    ("alarm_v2", &[paths::ALARM_V2]),
    ("grafana_wecom", &[paths::GRAFANA_WECOM]),
    ("autocall", &[&[paths::PHONE]]),
];

/// The rules of a service's `access`, one for each of its paths.
pub(super) fn rules(
    compiler: &mut Compiler<'_>,
    service: &str,
    node: &Node,
    path: &Path<'_>,
) -> Vec<AccessRule> {
    let Some(access) = node.at("access") else {
        return Vec::new();
    };
    let path = path.key("access");
    let networks = networks(compiler, access, "networks", &path);
    let token = access.bool_at("token").unwrap_or(true);
    if !token && networks.is_empty() && access.at("networks").is_none() {
        let message = format!("anybody who reaches this node may call {service}");
        let hint = "name the networks of its callers under networks";
        compiler
            .findings
            .warning(access.place, &path, message, hint);
    }
    let mut paths = PATHS.iter().filter(|(name, _)| *name == service);
    let rule = |prefix: &&str| AccessRule {
        path: (*prefix).to_owned(),
        networks: networks.clone(),
        token,
    };
    let paths = paths
        .next()
        .map(|(_, paths)| paths.iter().copied().flatten());
    paths.into_iter().flatten().map(rule).collect()
}
