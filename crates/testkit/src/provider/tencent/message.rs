//! What the two actions ask for.

use serde_json::Value;

use super::{Refusal, SIGN_NAME, SMS_APP, SMS_TEMPLATE, VOICE_APP, VOICE_TEMPLATE, refuse};

/// Most numbers in one `SendSms`.
const MAX_NUMBERS: usize = 200;
/// Variables of both templates.
const VARIABLES: usize = 3;
/// Most characters of all variables.
const MAX_CHARS: usize = 350;
/// `SessionContext` is shorter than this, in bytes.
const CONTEXT_BELOW: usize = 512;

/// Checks a text message; answers its numbers.
pub(super) fn check_sms(body: &Value) -> Result<Vec<String>, Refusal> {
    let numbers: Vec<String> = texts(&body["PhoneNumberSet"])?;
    if numbers.is_empty() || numbers.len() > MAX_NUMBERS {
        return refuse("LimitExceeded.PhoneNumberCountLimit", "1 to 200 numbers");
    }
    if !numbers.iter().all(|number| is_number(number)) {
        return refuse("InvalidParameterValue.IncorrectPhoneNumber", "no number");
    }
    let domestic = numbers
        .iter()
        .filter(|number| number.starts_with("+86"))
        .count();
    if domestic != 0 && domestic != numbers.len() {
        let words = "domestic and foreign numbers in one call";
        return refuse(
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
            words,
        );
    }
    if body["SmsSdkAppId"] != SMS_APP {
        return refuse("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "SmsSdkAppId");
    }
    if body["SignName"] != SIGN_NAME {
        return refuse("FailedOperation.SignatureIncorrectOrUnapproved", "SignName");
    }
    if body["TemplateId"] != SMS_TEMPLATE {
        return refuse(
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "TemplateId",
        );
    }
    check_variables(body)?;
    Ok(numbers)
}

/// Checks a call.
pub(super) fn check_voice(body: &Value) -> Result<(), Refusal> {
    if !is_number(body["CalledNumber"].as_str().unwrap_or_default()) {
        return refuse(
            "InvalidParameterValue.CalledNumberVerifyFail",
            "CalledNumber",
        );
    }
    if body["VoiceSdkAppid"] != VOICE_APP {
        return refuse(
            "UnauthorizedOperation.VoiceSdkAppidVerifyFail",
            "VoiceSdkAppid",
        );
    }
    if body["TemplateId"] != VOICE_TEMPLATE {
        return refuse("FailedOperation.TemplateUnapprovedOrNotExist", "TemplateId");
    }
    let times = &body["PlayTimes"];
    if !times.is_null() && !matches!(times.as_i64(), Some(1..=3)) {
        return refuse("InvalidParameterValue", "PlayTimes");
    }
    check_variables(body)
}

fn check_variables(body: &Value) -> Result<(), Refusal> {
    let variables = texts(&body["TemplateParamSet"])?;
    let empty = variables.iter().any(|text| text.trim().is_empty());
    if variables.len() != VARIABLES || empty {
        let code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate";
        return refuse(code, "three variables are wanted");
    }
    let all: usize = variables.iter().map(|text| text.chars().count()).sum();
    if all > MAX_CHARS {
        return refuse("InvalidParameterValue.ContentLengthLimit", "too long");
    }
    let link = |text: &String| {
        let small = text.to_lowercase();
        ["://", "www.", ".com", ".cn"]
            .iter()
            .any(|part| small.contains(part))
    };
    if variables.iter().any(link) {
        let code = "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter";
        return refuse(code, "a link");
    }
    if variables
        .iter()
        .any(|text| text.contains(['【', '】', '\n']))
    {
        return refuse(
            "FailedOperation.ContainSensitiveWord",
            "what may not be sent",
        );
    }
    let context = body["SessionContext"].as_str().unwrap_or_default();
    if context.len() >= CONTEXT_BELOW {
        return refuse("InvalidParameterValue", "SessionContext");
    }
    Ok(())
}

fn texts(value: &Value) -> Result<Vec<String>, Refusal> {
    let wrong = || ("InvalidParameter", "a list of texts is wanted".to_owned());
    let items = value.as_array().ok_or_else(wrong)?;
    let text = |item: &Value| item.as_str().map(ToOwned::to_owned).ok_or_else(wrong);
    items.iter().map(text).collect()
}

/// `+` and 8 to 15 digits; of the mainland, a mobile or a line at a desk.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
