//! Microsoft Teams through a workflow of Power Automate that starts with a web request; the message is an adaptive card.
//!
//! Vendor page:
//! <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>. Limits:
//! 28 KB a message, about 4 requests a second. 202 says that the flow was started, not that the card stands in the
//! channel; no id comes back, so that there are neither threads nor changes. The connectors that came before
//! (`*.webhook.office.com`) are retired.

mod card;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use self::card::{DIALECT, TEXT, TITLE, card};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::chat::{Hook, Own, Words, exchange, hide, hook, only_chat, unasked, worded};
use crate::error::ErrorKind::{Misconfigured, Rejected};
use crate::error::Receipt;
use crate::http::{Http, HttpReply, HttpRequest};
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Limits, Quota};

/// What a Teams workflow is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "teams",
    receiver_key: "msteamsv2_configs",
    title: ("Microsoft Teams workflow", "Microsoft Teams 工作流"),
    vendor_page: "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: DIALECT,
    limits: Limits {
        title: TITLE,
        text: TEXT,
        max_targets_per_call: 1,
    },
    quotas: &[Quota {
        calls: 4,
        per: Duration::from_secs(1),
        penalty: Duration::ZERO,
    }],
    concurrency: 2,
    timeout: Duration::from_secs(15),
    build,
};

static ACCOUNT: [Field; 2] = [
    Field::optional(
        "url",
        Kind::SecretUrl,
        "The workflow's URL as its first step shows it, with its whole query.",
    ),
    Field::optional("url_file", Kind::Text, "A file with the URL."),
];

const KEPT: &str =
    "As in Alertmanager, Go templates included; where one fails, our own look is sent.";

/// Alertmanager's (0.34).
static RECEIVER: [Field; 4] = [
    Field::optional(
        "webhook_url",
        Kind::SecretUrl,
        "The workflow's URL; Alertmanager's key.",
    ),
    Field::optional("webhook_url_file", Kind::Text, "A file with the URL."),
    Field::optional("title", Kind::GoTemplate, KEPT),
    Field::optional("text", Kind::GoTemplate, KEPT),
];

/// There is no key without the whole URL.
const NO_KEY: Hook = Hook {
    key: "webhook_url",
    base: "https://environment.api.powerplatform.com",
    path: "/",
};

/// One workflow, which leads to one channel or chat.
#[derive(Debug)]
struct Workflow {
    http: Http,
    url: Secret,
    own: Own,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = hook(&mut options, &build.http, &["webhook_url", "url"], &NO_KEY);
    if url.as_ref().is_some_and(is_connector) {
        let key = if options.text("webhook_url").is_some() {
            "webhook_url"
        } else {
            "url"
        };
        let fix = "make a workflow in Teams (Workflows, \"Send webhook alerts to a channel\"), and copy its URL";
        options.problem(key, "is a connector's, which Microsoft has retired", fix);
    }
    let own = Own::of(&options, "title", "text");
    let channel = url.map(|url| {
        Arc::new(Workflow {
            http: build.http.clone(),
            url,
            own,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

/// Whether it is the address of an Office 365 connector.
fn is_connector(url: &Secret) -> bool {
    let url = url::Url::parse(url.reveal()).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    host.is_some_and(|host| host == "outlook.office.com" || host.ends_with(".office.com"))
}

impl Workflow {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let body = card(&self.own.on(delivery.message));
        let request = HttpRequest::post_json(self.url.reveal(), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        classify(&reply, delivery.now)
    }
}

impl Channel for Workflow {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![only_chat(&self.url)]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = hide(self.deliver(delivery).await, &[&self.url]);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let outcome = unasked("a workflow can only be tried by starting it");
        std::future::ready(outcome).boxed()
    }
}

const GONE: &str =
    "the workflow is deleted or switched off, or its owner has left: look at it in Power Automate";
const SIGN: &str =
    "copy the workflow's whole URL again, and let its first step take requests from anyone";
const CARD: &str =
    "the workflow's first step does not take our card: use the template that Teams offers";

/// Names of refusals (wire/teams.md, "Errors").
const WORDS: &[Words] = &[
    Words::new("workflownotfound", Misconfigured, GONE),
    Words::new("workflowtriggernotfound", Misconfigured, GONE),
    Words::new("workflowtriggerisnotenabled", Misconfigured, GONE),
    Words::new("directapiauthorizationrequired", Misconfigured, SIGN),
    Words::new("directapiinvalidauthorizationscheme", Misconfigured, SIGN),
    Words::new("signature", Misconfigured, SIGN),
    Words::new("invalidrequestcontent", Rejected, CARD),
    Words::new("triggerinputschemamismatch", Rejected, CARD),
];

/// The status is the answer: the body of a yes is empty.
fn classify(reply: &HttpReply, now: Time) -> Outcome {
    if reply.is_success() {
        return Ok(Receipt {
            provider_id: String::new(),
            answer: format!("status {}", reply.status),
        });
    }
    let body: Value = reply.json().unwrap_or_default();
    let said = match (
        body["error"]["code"].as_str(),
        body["error"]["message"].as_str(),
    ) {
        (Some(code), Some(words)) => format!("{code}: {words}"),
        (Some(code), None) => code.to_owned(),
        _ => reply.excerpt(),
    };
    // What the front of the service says of an overload is no word of the workflow.
    let table = if matches!(reply.status, 408 | 429 | 500..=599) {
        &[]
    } else {
        WORDS
    };
    Err(worded(&said, reply, now, table))
}

#[cfg(test)]
mod tests;
