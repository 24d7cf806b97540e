//! Twilio's status callbacks, pressed keys and incoming messages: forms under `X-Twilio-Signature`.
//!
//! Vendor pages: <https://www.twilio.com/docs/usage/security> (signature),
//! <https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>,
//! <https://www.twilio.com/docs/messaging/guides/webhook-request> (incoming),
//! <https://www.twilio.com/docs/voice/twiml/gather>.

use std::collections::BTreeMap;

use balefire_core::secret::Secret;
use url::{Url, form_urlencoded};

use super::voice::escaped;
use crate::callback::{
    Callback, CallbackAnswer, CallbackError, CallbackRequest, Heard, Report, Said, Text, cut, line,
    phone_of, words,
};
use crate::sign::{hmac_sha1_base64, is_same};

/// Text messages.
pub(crate) static SMS: Callback = Callback {
    read: |request| {
        let form = verified(request)?;
        Ok(Heard {
            reports: sms(&form),
            texts: written(&form),
        })
    },
    answer: written_back,
    hears_texts: true,
    reads_queries: false,
};

/// Calls.
pub(crate) static VOICE: Callback = Callback {
    read: |request| Ok(Heard::of_reports(voice(&verified(request)?))),
    answer: |heard, _| spoken(&heard.reports),
    hears_texts: false,
    reads_queries: false,
};

/// Parameters that are read of one form; Twilio sends some thirty.
const MOST: usize = 200;

/// A form's parameters, each name with its values in order.
type Form = BTreeMap<String, Vec<String>>;

fn verified(request: &CallbackRequest<'_>) -> Result<Form, CallbackError> {
    let shown = request
        .header("x-twilio-signature")
        .ok_or(CallbackError::Forged("X-Twilio-Signature is missing"))?;
    let account = request.account;
    let key = ["webhook_auth_token", "auth_token"]
        .iter()
        .find_map(|key| account[*key].as_str());
    let key = Secret::new(key.unwrap_or_default());
    let mut form = Form::new();
    for (name, value) in form_urlencoded::parse(request.body).take(MOST) {
        form.entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    for values in form.values_mut() {
        values.sort_unstable();
        values.dedup();
    }
    let is_ours = |url: &String| {
        let signature = hmac_sha1_base64(key.reveal().as_bytes(), signed(url, &form).as_bytes());
        is_same(&signature, shown)
    };
    if key.is_empty() || !addresses(request.url).iter().any(is_ours) {
        return Err(CallbackError::Forged("X-Twilio-Signature is wrong"));
    }
    Ok(form)
}

/// What is signed: the address, then each name and value, sorted by name.
fn signed(url: &str, form: &Form) -> String {
    let mut text = url.to_owned();
    for (name, values) in form {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

/// The address with and without the port that goes without saying: Twilio signs either.
fn addresses(url: &str) -> Vec<String> {
    let mut both = vec![url.to_owned()];
    let Ok(parsed) = Url::parse(url) else {
        return both;
    };
    let (Some(host), Some(port), None) = (
        parsed.host_str(),
        parsed.port_or_known_default(),
        parsed.port(),
    ) else {
        return both;
    };
    let scheme = parsed.scheme();
    let rest = url.get(scheme.len() + "://".len()..).unwrap_or_default();
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..));
    let path = path.unwrap_or_default();
    both.push(format!("{scheme}://{host}:{port}{path}"));
    both.push(format!("{scheme}://{host}{path}"));
    both
}

fn first<'f>(form: &'f Form, name: &str) -> &'f str {
    let values = form.get(name).and_then(|values| values.first());
    values.map_or("", String::as_str)
}

fn report(form: &Form, id: &str, said: Said, detail: String) -> Report {
    Report {
        provider_id: cut(first(form, id)),
        phone: cut(first(form, "To")),
        said,
        detail,
    }
}

fn sms(form: &Form) -> Vec<Report> {
    let status = first(form, "MessageStatus");
    let said = match status {
        "delivered" | "read" => Said::Delivered,
        "undelivered" | "failed" | "canceled" => Said::Failed,
        // On its way.
        _ => return Vec::new(),
    };
    let detail = words([cut(status), cut(first(form, "ErrorCode"))]);
    vec![report(form, "MessageSid", said, detail)]
}

/// A key that was pressed, or the end of a call.
fn voice(form: &Form) -> Vec<Report> {
    if let Some(key) = first(form, "Digits").chars().next() {
        let detail = format!("key {}", cut(first(form, "Digits")));
        return vec![report(form, "CallSid", Said::Pressed(key), detail)];
    }
    let status = first(form, "CallStatus");
    let by = first(form, "AnsweredBy");
    let is_machine = by.starts_with("machine") || by == "fax";
    let said = match status {
        // Who comes home to a mailbox was not reached.
        "completed" if is_machine => Said::Failed,
        "completed" => Said::Answered,
        "busy" | "failed" | "no-answer" | "canceled" => Said::Failed,
        // It rings, or somebody listens.
        _ => return Vec::new(),
    };
    let detail = words([cut(status), cut(by), cut(first(form, "ErrorCode"))]);
    vec![report(form, "CallSid", said, detail)]
}

/// A message that somebody sent to the account's number; a status callback says nothing of a body.
fn written(form: &Form) -> Vec<Text> {
    let comes_in = first(form, "SmsStatus") == "received" || !form.contains_key("MessageStatus");
    let text = form.get("Body").and_then(|values| values.first());
    let text = text.filter(|_| comes_in).map(|text| Text {
        id: cut(first(form, "MessageSid")),
        from: phone_of(&cut(first(form, "From")), ""),
        text: line(text),
    });
    text.into_iter().collect()
}

/// What goes back to the telephone of whoever wrote; a status callback's answer is not read.
fn written_back(heard: &Heard, words: &[String]) -> CallbackAnswer {
    if heard.texts.is_empty() {
        return CallbackAnswer::default();
    }
    let words = words.iter().filter(|words| !words.is_empty());
    let messages: Vec<String> = words
        .map(|words| format!("<Message>{}</Message>", escaped(words)))
        .collect();
    let messages = messages.concat();
    CallbackAnswer {
        media_type: "text/xml",
        body: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{messages}</Response>"),
    }
}

/// What the caller hears next; a status callback's answer is not read.
fn spoken(reports: &[Report]) -> CallbackAnswer {
    let pressed = reports
        .iter()
        .any(|report| report.said == Said::Pressed('1'));
    let say = if pressed {
        "<Say language=\"zh-CN\">已确认</Say><Say language=\"en-US\">Acknowledged</Say>"
    } else {
        ""
    };
    CallbackAnswer {
        media_type: "text/xml",
        body: format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{say}<Hangup/></Response>"
        ),
    }
}
