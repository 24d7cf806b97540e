//! The variables of a template.

use serde_json::Value;

use super::{Refusal, refuse};

/// Most characters of one variable.
pub(super) const MAX_CHARS: usize = 35;

/// Checks the JSON text of these variables; `most` is for each of them.
pub(super) fn check(text: Option<&String>, variables: &[&str], most: usize) -> Result<(), Refusal> {
    let Some(text) = text else {
        return refuse("isv.TEMPLATE_MISSING_PARAMETERS", "no variables");
    };
    let Ok(Value::Object(given)) = serde_json::from_str::<Value>(text) else {
        return refuse("isv.INVALID_JSON_PARAM", "JSON参数不合法");
    };
    for name in variables {
        let Some(value) = given.get(*name) else {
            return refuse(
                "isv.TEMPLATE_MISSING_PARAMETERS",
                format!("{name} is missing"),
            );
        };
        let Some(value) = value.as_str().filter(|value| !value.trim().is_empty()) else {
            return refuse("isv.INVALID_JSON_PARAM", format!("{name} is no text"));
        };
        if value.chars().count() > most {
            return refuse("isv.PARAM_LENGTH_LIMIT", format!("{name} is too long"));
        }
        let small = value.to_lowercase();
        if ["://", "www.", ".com", ".cn"]
            .iter()
            .any(|part| small.contains(part))
        {
            return refuse("isv.PARAM_NOT_SUPPORT_URL", format!("{name} holds a link"));
        }
        let illegal = |c: char| "【】\n\r\t".contains(c) || u32::from(c) > 0xffff;
        if value.contains(illegal) {
            return refuse(
                "isv.SMS_CONTENT_ILLEGAL",
                format!("{name} holds what may not be sent"),
            );
        }
    }
    Ok(())
}
