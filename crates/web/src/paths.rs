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

/// Telephones that ask for calls.
pub(crate) const AUTOCALL: [&str; 3] = ["/alert/phone", "/alert/phone/", "/alert/phone/{token}"];

/// Whether a path is the telephones', one that is not there included.
pub(crate) fn is_phone(path: &str) -> bool {
    let rest = path.strip_prefix(AUTOCALL[0]);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path belongs to an older service; whoever may bring alerts in may call it.
pub(crate) fn is_legacy(path: &str) -> bool {
    [PUSH, GRAFANA_WECOM, ALARM_V2, APPTOOLS]
        .iter()
        .any(|paths| paths.contains(&path))
        || is_phone(path)
}
