//! Alibaba Cloud's reports (`SmsReport`, `VoiceReport`) and what people write back (`SmsUp`): a JSON list, unsigned, said
//! again after 1, 5 and 10 minutes unless the answer is `{"code":0}`.
//!
//! Vendor pages: <https://help.aliyun.com/zh/sms/developer-reference/configure-delivery-receipts-1>,
//! <https://help.aliyun.com/zh/sms/developer-reference/smsup> and
//! <https://help.aliyun.com/zh/vms/developer-reference/voicereport>.

use serde_json::Value;

use crate::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Heard, Report, Said, Text, items,
    line, phone_of, text, words,
};

/// `SmsReport` and `SmsUp`.
pub(crate) static SMS: Callback = Callback {
    read: sms_or_text,
    answer,
    hears_texts: true,
    reads_queries: false,
};

/// `VoiceReport`.
pub(crate) static VOICE: Callback = Callback {
    read: |request| {
        let items = items(request.body)?;
        Ok(Heard::of_reports(read(&items, "call_id", voice)?))
    },
    answer,
    hears_texts: false,
    reads_queries: false,
};

/// The code of a call that was answered.
const ANSWERED: &str = "200000";

fn sms_or_text(request: &CallbackRequest<'_>) -> Result<Heard, CallbackError> {
    let items = items(request.body)?;
    let texts: Vec<Text> = items.iter().filter_map(written).collect();
    if texts.is_empty() {
        return Ok(Heard::of_reports(read(&items, "biz_id", sms)?));
    }
    let reports = items.iter().flat_map(sms).collect();
    Ok(Heard { reports, texts })
}

/// What somebody wrote back.
fn written(item: &Value) -> Option<Text> {
    let said = item["content"].as_str()?;
    Some(Text {
        id: text(item, "sequence_id"),
        from: phone_of(&text(item, "phone_number"), ""),
        text: line(said),
    })
}

fn read(
    items: &[Value],
    id: &str,
    report: fn(&Value) -> Vec<Report>,
) -> Result<Vec<Report>, CallbackError> {
    if !items.iter().any(|item| item[id].is_string()) {
        return Err(CallbackError::Unreadable(format!("no report has {id}")));
    }
    Ok(items.iter().flat_map(report).collect())
}

fn answer(_: &Heard, _: &[String]) -> CallbackAnswer {
    CallbackAnswer {
        media_type: "application/json",
        body: r#"{"code":0,"msg":"ok"}"#.to_owned(),
    }
}

fn sms(item: &Value) -> Vec<Report> {
    let said = match &item["success"] {
        Value::Bool(true) => Said::Delivered,
        Value::Bool(false) => Said::Failed,
        _ => return Vec::new(),
    };
    vec![Report {
        provider_id: text(item, "biz_id"),
        phone: text(item, "phone_number"),
        said,
        detail: words([text(item, "err_code"), text(item, "err_msg")]),
    }]
}

/// A call's end, and before it the key that was pressed. Progress (`VoiceCallReport`) has no duration.
fn voice(item: &Value) -> Vec<Report> {
    let (code, duration) = (text(item, "status_code"), text(item, "duration"));
    if duration.is_empty() {
        return Vec::new();
    }
    let was_answered = code == ANSWERED && duration.parse::<u64>().is_ok_and(|secs| secs > 0);
    let report = |said| Report {
        provider_id: text(item, "call_id"),
        phone: text(item, "callee"),
        said,
        detail: words([code.clone(), text(item, "status_msg")]),
    };
    let keys = text(item, "dtmf");
    let pressed = keys.chars().next().map(|key| report(Said::Pressed(key)));
    let end = report(if was_answered {
        Said::Answered
    } else {
        Said::Failed
    });
    pressed.into_iter().chain([end]).collect()
}
