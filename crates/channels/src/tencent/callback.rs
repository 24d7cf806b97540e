//! Tencent Cloud's status callback for text messages: a JSON list, unsigned, answered `{"result":0,"errmsg":"OK"}`.
//!
//! Vendor page: <https://cloud.tencent.com/document/product/382/43547>.

use serde_json::Value;

use crate::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Report, Said, items, text, words,
};

/// Text messages.
pub(crate) static SMS: Callback = Callback { read, answer };

fn read(request: &CallbackRequest<'_>) -> Result<Vec<Report>, CallbackError> {
    let items = items(request.body)?;
    if !items.iter().any(|item| item["sid"].is_string()) {
        return Err(CallbackError::Unreadable("no report has sid".to_owned()));
    }
    Ok(items.iter().filter_map(report).collect())
}

fn answer(_: &[Report]) -> CallbackAnswer {
    CallbackAnswer {
        media_type: "application/json",
        body: r#"{"result":0,"errmsg":"OK"}"#.to_owned(),
    }
}

fn report(item: &Value) -> Option<Report> {
    let said = match item["report_status"].as_str()? {
        "SUCCESS" => Said::Delivered,
        "FAIL" => Said::Failed,
        _ => return None,
    };
    Some(Report {
        provider_id: text(item, "sid"),
        phone: text(item, "mobile"),
        said,
        detail: words([text(item, "errmsg"), text(item, "description")]),
    })
}

/// Calls: one object a post, of how it ended, which key was pressed, or why nobody was reached.
///
/// Vendor pages: <https://cloud.tencent.com/document/product/1128/37725>, 37726 and 37727.
pub(crate) static VOICE: Callback = Callback {
    read: read_call,
    answer,
};

fn read_call(request: &CallbackRequest<'_>) -> Result<Vec<Report>, CallbackError> {
    let items = items(request.body)?;
    let reports: Vec<Report> = items.iter().filter_map(call).collect();
    let is_one = |item: &Value| {
        [
            "voiceprompt_callback",
            "voicekey_callback",
            "voice_failure_callback",
        ]
        .iter()
        .any(|name| item[name]["callid"].is_string())
    };
    if items.iter().any(is_one) {
        Ok(reports)
    } else {
        Err(CallbackError::Unreadable("no report has callid".to_owned()))
    }
}

fn call(item: &Value) -> Option<Report> {
    let (ended, key) = (&item["voiceprompt_callback"], &item["voicekey_callback"]);
    let failed = &item["voice_failure_callback"];
    let (what, said, detail) = if ended.is_object() {
        let said = match text(ended, "result").as_str() {
            "0" => Said::Answered,
            "1" | "2" => Said::Failed,
            _ => return None,
        };
        (
            ended,
            said,
            words([format!("result {}", text(ended, "result"))]),
        )
    } else if key.is_object() {
        let pressed = text(key, "keypress").chars().next()?;
        (key, Said::Pressed(pressed), String::new())
    } else {
        let code = text(failed, "failure_code");
        (
            failed,
            Said::Failed,
            words([code, text(failed, "failure_reason")]),
        )
    };
    let id = text(what, "callid");
    (!id.is_empty()).then(|| Report {
        provider_id: id,
        phone: text(what, "mobile"),
        said,
        detail,
    })
}
