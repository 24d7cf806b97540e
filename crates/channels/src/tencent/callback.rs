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
