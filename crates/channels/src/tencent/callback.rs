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
