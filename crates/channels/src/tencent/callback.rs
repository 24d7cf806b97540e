//! Tencent Cloud's status callback for text messages, a JSON list, and what people write back, an object each; unsigned,
//! answered `{"result":0,"errmsg":"OK"}`.
//!
//! Vendor pages: <https://cloud.tencent.com/document/product/382/43547> and
//! <https://cloud.tencent.com/document/product/382/43548>.

use serde_json::Value;

use crate::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Heard, Report, Said, Text, items,
    line, phone_of, text, words,
};

/// Text messages.
pub(crate) static SMS: Callback = Callback {
    read,
    answer,
    hears_texts: true,
    reads_queries: false,
};

fn read(request: &CallbackRequest<'_>) -> Result<Heard, CallbackError> {
    let items = items(request.body)?;
    let texts: Vec<Text> = items.iter().filter_map(written).collect();
    if texts.is_empty() && !items.iter().any(|item| item["sid"].is_string()) {
        return Err(CallbackError::Unreadable("no report has sid".to_owned()));
    }
    let reports = items.iter().filter_map(report).collect();
    Ok(Heard { reports, texts })
}

/// What somebody wrote back. It has no id of its own; who writes the same within a second writes it once.
fn written(item: &Value) -> Option<Text> {
    let said = item["text"].as_str()?;
    let from = phone_of(&text(item, "mobile"), &text(item, "nationcode"));
    Some(Text {
        id: words([from.clone(), text(item, "time"), text(item, "text")]),
        from,
        text: line(said),
    })
}

fn answer(_: &Heard, _: &[String]) -> CallbackAnswer {
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
    read: |request| read_call(request).map(Heard::of_reports),
    answer,
    hears_texts: false,
    reads_queries: false,
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
