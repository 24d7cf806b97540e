//! The paths of older services, for who serves them, who guards them, and who says who may call them.

/// The push service.
pub const PUSH: &[&str] = &[
    "/email/send/message",
    "/slack/send/message",
    "/dingding/send/message",
    "/wx/apps/send",
    "/dingding/call",
    "/sms/send",
    "/vms/send",
];
/// Grafana to WeCom.
pub const GRAFANA_WECOM: &[&str] = &["/api/model/send_sms/", "/check_service"];
/// Signed alarms.
pub const ALARM_V2: &[&str] = &["/alarm_v2", "/alarm"];
/// AppTools.
pub const APPTOOLS: &[&str] = &[
    "/sendmail",
    "/sendsms",
    "/send_dingtalk",
    "/send_wechat",
    "/upload_file",
];
/// What AppTools keeps: whoever may read may see it, whoever may bring alerts in may change it.
pub const APPTOOLS_KEPT: &[&str] = &["/fault", "/event_reminder"];
/// Where AppTools hands out what was uploaded; who may see may fetch it.
pub const APPTOOLS_FILES: &str = "/static/files/";

/// Telephones that ask for calls.
pub const PHONE: &str = "/alert/phone";
/// As they are served: a token may stand at the end.
pub const AUTOCALL: [&str; 3] = [PHONE, "/alert/phone/", "/alert/phone/{token}"];

/// Whether a path is the telephones', one that is not there included.
pub fn is_phone(path: &str) -> bool {
    let rest = path.strip_prefix(PHONE);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path belongs to an older service; whoever may bring alerts in may call it.
pub fn is_legacy(path: &str) -> bool {
    [PUSH, GRAFANA_WECOM, ALARM_V2, APPTOOLS]
        .iter()
        .any(|paths| paths.contains(&path))
        || is_phone(path)
}
