//! Who may call an older service: the rules of `access.rules`, for the paths that it has.

use super::super::Compiler;
use super::super::access::networks;
use crate::plan::AccessRule;
use crate::problem::Path;
use crate::tree::Node;

/// The services and their paths.
const PATHS: [(&str, &[&str]); 4] = [
    (
        "apptools",
        &[
            "/sendmail",
            "/sendsms",
            "/send_dingtalk",
            "/send_wechat",
            "/fault",
            "/event_reminder",
            "/upload_file",
            "/static/files",
        ],
    ),
    (
        "push",
        &[
            "/email/send/message",
            "/slack/send/message",
            "/dingding/send/message",
            "/dingding/call",
            "/wx/apps/send",
            "/sms/send",
            "/vms/send",
        ],
    ),
    ("alarm_v2", &["/alarm_v2", "/alarm"]),
    ("grafana_wecom", &["/api/model/send_sms", "/check_service"]),
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
    let paths = PATHS.iter().find(|(name, _)| *name == service);
    let rule = |prefix: &&str| AccessRule {
        path: (*prefix).to_owned(),
        networks: networks.clone(),
        token,
    };
    paths.map_or_else(Vec::new, |(_, paths)| paths.iter().map(rule).collect())
}
