//! `SendSms`.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;

use super::{
    COMMAND, COMMAND_TEMPLATE, Refusal, SIGN_NAME, SMS_PER_DAY, SMS_TEMPLATE, State, VARIABLES,
    param, refuse,
};

/// Most numbers in one call.
const MAX_NUMBERS: usize = 1_000;

/// Checks a message; answers the name and value of its id.
pub(super) fn check(
    state: &mut State,
    parameters: &BTreeMap<String, String>,
    now: Time,
    unlimited: bool,
    notes: &mut Vec<String>,
) -> Result<(&'static str, String), Refusal> {
    let value = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let numbers: Vec<&str> = value("PhoneNumbers").split(',').collect();
    if numbers.len() > MAX_NUMBERS {
        return refuse("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制");
    }
    for number in &numbers {
        if !is_mobile(number) || state.dead.contains(*number) {
            return refuse("isv.MOBILE_NUMBER_ILLEGAL", format!("号码 {number} 不合法"));
        }
    }
    if value("SignName") != SIGN_NAME {
        return refuse("isv.SMS_SIGNATURE_ILLEGAL", "该账号下找不到对应签名");
    }
    let variables: &[&str] = match value("TemplateCode") {
        SMS_TEMPLATE => &VARIABLES,
        COMMAND_TEMPLATE => &[COMMAND],
        _ => return refuse("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板"),
    };
    let filled = parameters.get("TemplateParam");
    param::check(filled, variables, param::MAX_CHARS)?;
    if value("OutId").len() > 256 {
        return refuse("isv.INVALID_PARAMETERS", "OutId is too long");
    }
    if value("OutId").is_empty() {
        notes.push("without OutId a report cannot be matched".into());
    }
    for number in numbers.iter().filter(|_| !unlimited) {
        let day = [(SMS_PER_DAY, Duration::from_hours(24))];
        if state.admit(format!("sms {number}"), &day, now).is_err() {
            return refuse(
                "isv.BUSINESS_LIMIT_CONTROL",
                format!("触发天级流控Permits:{SMS_PER_DAY}"),
            );
        }
    }
    Ok(("BizId", format!("{}^0", 100_000_000_000_000 + state.next())))
}

/// A mobile of the mainland, with or without its country, or another country's number without a plus.
fn is_mobile(text: &str) -> bool {
    let text = text
        .strip_prefix("+86")
        .or_else(|| text.strip_prefix("0086"))
        .unwrap_or(text);
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let mainland = text.len() == 11 && text.starts_with('1');
    digits && (mainland || ((8..=15).contains(&text.len()) && !text.starts_with(['0', '1'])))
}
