//! Teams through a workflow: `POST …/triggers/manual/paths/invoke?…&sig=…`, answered with 202 and nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// The id and signature of the workflow that is there from the start.
pub const DEFAULT_FLOW: (&str, &str) = ("0123456789abcdef", "SimulatedSignature-0123456789abcdef");
/// Largest message.
pub const MAX_BODY: usize = 28_672;
/// Calls a second.
pub const CALLS: usize = 4;

const PLACE: &str = "/powerautomate/automations/direct/workflows/";
const END: &str = "/triggers/manual/paths/invoke";

/// Whether a path is a workflow's.
pub(super) fn owns(path: &str) -> bool {
    path.ends_with(END)
}

/// The simulated workflows.
#[derive(Debug)]
pub struct Teams {
    site: Site,
    /// Signature and pace of each.
    flows: Mutex<BTreeMap<String, (String, Window)>>,
}

/// [`Teams`] with its record.
pub type TeamsSim = Sim<Teams>;

impl Sim<Teams> {
    /// The address of the first workflow, as its first step shows it.
    pub fn url(&self) -> String {
        let (id, sig) = DEFAULT_FLOW;
        let base = &self.rules.site.base;
        let query = format!("api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={sig}");
        format!("{base}{PLACE}{id}{END}?{query}")
    }

    /// Adds a workflow with its signature.
    pub fn add_flow(&self, id: &str, sig: &str) {
        self.rules.add(id, sig);
    }
}

/// A refusal: status, name and words.
type Refusal = (u16, &'static str, String);

impl Teams {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            flows: Mutex::default(),
        };
        service.add(DEFAULT_FLOW.0, DEFAULT_FLOW.1);
        service
    }

    fn add(&self, id: &str, sig: &str) {
        let window = Window::new(CALLS, Duration::from_secs(1));
        let mut flows = self.flows.lock();
        flows.insert(id.to_owned(), (sig.to_owned(), window));
    }

    fn check(&self, call: &Call, now: Time) -> Result<Option<String>, Refusal> {
        let path = call.uri.path().strip_suffix(END).unwrap_or_default();
        let id = path.rsplit('/').next().unwrap_or_default();
        let mut flows = self.flows.lock();
        let Some((sig, window)) = flows.get_mut(id) else {
            let words = format!("The workflow '{id}' could not be found.");
            return Err((404, "WorkflowNotFound", words));
        };
        let signed = call.query("sig").as_deref() == Some(sig)
            && call.query("sp").as_deref() == Some("/triggers/manual/run");
        if !signed || call.query("sv").as_deref() != Some("1.0") {
            let words = "The request must be authenticated with a valid signature.";
            return Err((401, "DirectApiAuthorizationRequired", words.into()));
        }
        let raw = call.uri.query().unwrap_or_default();
        if call.method != Method::POST || !raw.contains("%2Ftriggers%2Fmanual%2Frun") {
            return Err((400, "InvalidRequest", "the query was changed".into()));
        }
        if call.body.len() > MAX_BODY {
            return Err((
                413,
                "RequestEntityTooLarge",
                "The card is too large.".into(),
            ));
        }
        let body = object(call);
        let body = body.ok_or((400, "InvalidRequestContent", "not JSON".to_owned()))?;
        if !self.site.unlimited && !window.admit(now) {
            return Err((429, "TooManyRequests", "Rate limit is exceeded.".into()));
        }
        Ok(unseen(&body))
    }
}

/// Why the flow, though started, shows nothing; `None` when it does.
fn unseen(body: &Value) -> Option<String> {
    let attachments = body["attachments"].as_array().map(Vec::as_slice);
    let Some([attachment, ..]) = attachments else {
        return Some("there are no attachments".into());
    };
    if attachment["contentType"] != "application/vnd.microsoft.card.adaptive" {
        return Some("the attachment is no adaptive card".into());
    }
    check_card(&attachment["content"]).err()
}

fn check_card(card: &Value) -> Result<(), String> {
    let one_of = |value: &Value, words: &[&str], what: &str| {
        let known = value.as_str().is_some_and(|word| words.contains(&word));
        if value.is_null() || known {
            Ok(())
        } else {
            Err(format!("{what} has the value {value}"))
        }
    };
    if card["type"] != "AdaptiveCard" {
        return Err("the card has no type".into());
    }
    let version = card["version"].as_str().unwrap_or_default();
    if !["1.2", "1.3", "1.4", "1.5"].contains(&version) {
        return Err(format!("the version {version:?} is not shown"));
    }
    let blocks = card["body"].as_array().ok_or("there is no body")?;
    let mut shown = String::new();
    for block in blocks {
        if block["type"] != "TextBlock" {
            return Err(format!("the element {} is not known", block["type"]));
        }
        let text = block["text"].as_str().filter(|text| !text.is_empty());
        shown.push_str(text.ok_or("a text is empty")?);
        let colors = [
            "Default",
            "Dark",
            "Light",
            "Accent",
            "Good",
            "Warning",
            "Attention",
        ];
        one_of(&block["color"], &colors, "color")?;
        one_of(
            &block["weight"],
            &["Lighter", "Default", "Bolder"],
            "weight",
        )?;
        let sizes = ["Small", "Default", "Medium", "Large", "ExtraLarge"];
        one_of(&block["size"], &sizes, "size")?;
    }
    for action in card["actions"].as_array().into_iter().flatten() {
        let url = action["url"].as_str().unwrap_or_default();
        let good = action["type"] == "Action.OpenUrl" && action["title"].is_string();
        if !good || !url.starts_with("http") {
            return Err("an action leads nowhere".into());
        }
    }
    for entity in card["msteams"]["entities"].as_array().into_iter().flatten() {
        let text = entity["text"].as_str().unwrap_or_default();
        if !text.starts_with("<at>") || !shown.contains(text) {
            return Err(format!("nothing stands for the mention {text:?}"));
        }
    }
    Ok(())
}

fn refusal((status, name, words): &Refusal) -> Reply {
    let body = json!({"error": {"code": name, "message": words}});
    Reply::json(&body).with_status(*status)
}

impl Rules for Teams {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(None) => Judged::new(Verdict::Accepted, "", Reply::text(202, "")),
            Ok(Some(why)) => Judged {
                notes: vec![why],
                ..Judged::new(Verdict::Dropped, "", Reply::text(202, ""))
            },
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                let status = u16::try_from(*code).unwrap_or(400);
                refusal(&(status, "Scripted", words.clone()))
            }
            Fault::RateLimited(seconds) => {
                refusal(&(429, "TooManyRequests", "Rate limit is exceeded.".into()))
                    .header("retry-after", seconds.to_string())
            }
            Fault::ExpiredToken => refusal(&(
                401,
                "DirectApiAuthorizationRequired",
                "The signature is no longer valid.".into(),
            )),
        }
    }

    fn shown(&self, body: &Value) -> String {
        let blocks = body["attachments"][0]["content"]["body"].as_array();
        let texts = blocks.into_iter().flatten();
        let texts = texts.filter_map(|block| block["text"].as_str());
        texts.collect::<Vec<_>>().join("\n")
    }
}
