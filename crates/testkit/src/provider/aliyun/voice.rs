//! `SingleCallByTts` and `SingleCallByVoice`.

use std::collections::BTreeMap;

use balefire_core::time::Time;

use super::{
    PACE_OF_CALLS, RECORDING, Refusal, SHOWN_NUMBER, State, TTS_TEMPLATE, VARIABLES, param, refuse,
};

/// `TtsParam` is shorter than this, in characters.
const PARAMS_BELOW: usize = 250;
/// Most bytes of `OutId`.
const MAX_OUT_ID: usize = 15;

/// Checks a call; answers the name and value of its id.
pub(super) fn check(
    state: &mut State,
    action: &str,
    parameters: &BTreeMap<String, String>,
    now: Time,
    unlimited: bool,
) -> Result<(&'static str, String), Refusal> {
    let value = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let number = value("CalledNumber");
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    if !digits || !(8..=15).contains(&number.len()) || state.dead.contains(number) {
        return refuse("isv.MOBILE_NUMBER_ILLEGAL", format!("号码 {number} 不合法"));
    }
    if !["", SHOWN_NUMBER].contains(&value("CalledShowNumber")) {
        return refuse("isv.DISPLAY_NUMBER_ILLEGAL", "号显不合法");
    }
    if action == "SingleCallByTts" {
        check_template(parameters)?;
    } else if value("VoiceCode") != RECORDING {
        return refuse("isv.VOICE_FILE_ILLEGAL", "语音文件不合法");
    }
    for (name, range) in [
        ("PlayTimes", 1..=3),
        ("Volume", 0..=100),
        ("Speed", -500..=500),
    ] {
        let fits = |text: &String| text.parse::<i32>().is_ok_and(|n| range.contains(&n));
        if !parameters.get(name).is_none_or(fits) {
            return refuse("isv.INVALID_PARAMETERS", format!("{name} is out of range"));
        }
    }
    if !(1..=MAX_OUT_ID).contains(&value("OutId").len()) {
        return refuse("isv.INVALID_PARAMETERS", "OutId must have 1 to 15 bytes");
    }
    if !unlimited && let Err(per) = state.admit(format!("call {number}"), &PACE_OF_CALLS, now) {
        let window = match per.as_secs() {
            0..=60 => "分钟",
            61..=3_600 => "小时",
            _ => "天",
        };
        return refuse("isv.BUSINESS_LIMIT_CONTROL", format!("触发{window}级流控"));
    }
    let n = state.next();
    Ok((
        "CallId",
        format!("{}^{}", 100_000_000_000 + n, 200_000_000_000 + n),
    ))
}

fn check_template(parameters: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if parameters.get("TtsCode").map(String::as_str) != Some(TTS_TEMPLATE) {
        return refuse("isv.TTS_TEMPLATE_ILLEGAL", "文本转语音模板不合法");
    }
    let filled = parameters.get("TtsParam");
    if filled.is_some_and(|text| text.chars().count() >= PARAMS_BELOW) {
        return refuse("isv.PARAM_LENGTH_LIMIT", "TtsParam is too long");
    }
    param::check(filled, &VARIABLES, PARAMS_BELOW)
}
