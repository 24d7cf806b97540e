//! The paths of older services, for who serves them and for who guards them.

/// The push service.
pub(crate) const PUSH: &[&str] = &[
    "/email/send/message",
    "/slack/send/message",
    "/dingding/send/message",
    "/wx/apps/send",
    "/dingding/call",
    "/sms/send",
    "/vms/send",
];
/// Grafana to WeCom.
pub(crate) const GRAFANA_WECOM: &[&str] = &["/api/model/send_sms/", "/check_service"];
/// Signed alarms.
pub(crate) const ALARM_V2: &[&str] = &["/alarm_v2", "/alarm"];
/// AppTools.
pub(crate) const APPTOOLS: &[&str] = &[
    "/sendmail",
    "/sendsms",
    "/send_dingtalk",
    "/send_wechat",
    "/fault",
];

/// Whether a path belongs to an older service; whoever may bring alerts in may call it.
pub(crate) fn is_legacy(path: &str) -> bool {
    [PUSH, GRAFANA_WECOM, ALARM_V2, APPTOOLS]
        .iter()
        .any(|paths| paths.contains(&path))
}
