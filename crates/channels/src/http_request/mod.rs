//! Any HTTP interface: method, URL, headers and a body of the operator's own making, and what in the answer says that
//! it was taken. For gateways and in-house services that no other kind speaks to.
//!
//! Vendor page: none, it is the operator's own interface; `Retry-After` and statuses as in RFC 9110, JSON pointers as in
//! RFC 6901. Limits: a template prints at most 64 KiB (docs/manual/templates.md), of an answer 64 KiB are read.

mod answer;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::Value;

use self::answer::Success;
use crate::channel::{BodyForm, BodyTemplate, Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, SendError};
use crate::http::{Header, Http, HttpRequest, excerpt, redact, transport_error};
use crate::options::Options;
use crate::sign::sha256_hex;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What a request of one's own is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "http",
    receiver_key: "http_configs",
    title: ("HTTP request", "自定义 HTTP 请求"),
    vendor_page: "https://www.rfc-editor.org/rfc/rfc9110",
    account_fields: &ACCOUNT,
    receiver_fields: &RECEIVER,
    send_resolved: true,
    dialect: crate::markup::Dialect::Plain,
    limits: Limits {
        title: Length::Unlimited,
        text: Length::Unlimited,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 8,
    timeout: Duration::from_secs(10),
    build,
};

const METHODS: &[&str] = &["POST", "PUT", "PATCH", "GET"];
const FORMATS: &[&str] = &["json", "form", "text"];
/// Most characters of an entry's `params` in its label.
const LABEL: usize = 60;

static RECEIVER: [Field; 1] = [Field::optional(
    "params",
    Kind::Map(&Kind::Text),
    "Values for the template, such as a telephone number: params.NAME there; those of the account are overlaid by them.",
)];

static ACCOUNT: [Field; 12] = [
    Field::required("url", Kind::SecretUrl, "Where requests go."),
    Field::optional("method", Kind::OneOf(METHODS), "How; with GET the body is the URL's query.").or("POST"),
    Field::optional(
        "headers",
        Kind::Map(&Kind::Secret),
        "Headers of every request, over our own; `Authorization` is better given under http_config.",
    ),
    Field::required(
        "body",
        Kind::Text,
        "minijinja template of the body; values from alerts are escaped for the format.",
    ),
    Field::optional(
        "format",
        Kind::OneOf(FORMATS),
        "What the body is: json, where a text stands between quotes as in \"{{ title }}\"; form, as in text={{ text }}; or text.",
    )
    .or("json"),
    Field::optional("params", Kind::Map(&Kind::Text), "Values for the template, params.NAME there."),
    Field::optional(
        "success_status",
        Kind::TextOrList,
        "Statuses that are a yes, such as 200,202; every 2xx when it is left out.",
    ),
    Field::optional(
        "success_pointer",
        Kind::Text,
        "JSON pointer (RFC 6901) into the answer, such as /code: only if success_values stand there it was taken.",
    ),
    Field::optional(
        "success_values",
        Kind::TextOrList,
        "What stands at success_pointer when it was taken, such as 0 or ok; without them, anything but null, false, 0 and an empty text.",
    ),
    Field::optional(
        "retry_values",
        Kind::TextOrList,
        "What stands there when it is to be tried again; anything else is a refusal for good.",
    ),
    Field::optional(
        "limit_values",
        Kind::TextOrList,
        "What stands there when it was too much at once.",
    ),
    Field::optional(
        "id_pointer",
        Kind::Text,
        "JSON pointer to the message's id in the answer, for the record.",
    ),
];

/// One entry's request; the URL and the headers count as secrets.
#[derive(Debug)]
struct Request {
    http: Http,
    method: Method,
    url: Secret,
    headers: Vec<(String, Secret)>,
    template: BodyTemplate,
    success: Success,
    target: Target,
}

fn build(build: &Build<'_>) -> Built {
    let mut options = Options::of(build);
    let url = url(&mut options, &build.http);
    let headers = headers(&mut options);
    let success = Success::of(&mut options);
    let body = options.text("body");
    if body.is_none() {
        options.problem(
            "body",
            "is missing",
            "write a template such as {\"text\": \"{{ title }}\"}",
        );
    }
    let method = options.text("method").and_then(|word| word.parse().ok());
    let form = match options.text("format") {
        Some("form") => BodyForm::Form,
        Some("text") => BodyForm::Text,
        _ => BodyForm::Json,
    };
    let method = method.unwrap_or(Method::POST);
    if method == Method::GET && form == BodyForm::Json {
        options.problem("format", "json is no query", "with GET, write format: form");
    }
    let params = params(build);
    let channel = url.zip(body).map(|(url, body)| {
        Arc::new(Request {
            http: build.http.clone(),
            method,
            target: target(url, &params),
            url: Secret::new(url),
            headers,
            template: BodyTemplate {
                source: body.into(),
                form,
                params: Value::Object(params),
            },
            success,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

fn url<'a>(options: &mut Options<'a>, http: &Http) -> Option<&'a str> {
    let Some(url) = options.text("url") else {
        options.problem("url", "is missing", "write where requests go");
        return None;
    };
    if let Err(error) = http.check_url(url) {
        let fix = error.fix_or("write a full http:// or https:// URL");
        options.problem("url", error.to_string(), fix);
        return None;
    }
    Some(url)
}

/// The headers of the account; what is no header is a problem.
fn headers(options: &mut Options<'_>) -> Vec<(String, Secret)> {
    let given = options.value("headers").and_then(Value::as_object);
    let mut headers = Vec::new();
    for (name, value) in given.into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        let good = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && http::HeaderValue::from_str(text).is_ok();
        if good {
            headers.push((name.clone(), Secret::new(text)));
        } else {
            let problem = format!("{name:?} cannot be sent as a header");
            options.problem(
                "headers",
                problem,
                "names hold letters, digits and -, values no line break",
            );
        }
    }
    headers
}

/// The account's values, and over them the entry's.
fn params(build: &Build<'_>) -> serde_json::Map<String, Value> {
    let of = |map: &Value| map.get("params").and_then(Value::as_object).cloned();
    let mut params = of(build.account).unwrap_or_default();
    params.extend(of(build.receiver).unwrap_or_default());
    params
}

/// Two entries differ by their URL and by their values, which people may read.
fn target(url: &str, params: &serde_json::Map<String, Value>) -> Target {
    let all = Value::Object(params.clone()).to_string();
    let shown = redact::shown_url(url);
    let values: Vec<&str> = params.values().filter_map(Value::as_str).collect();
    let values: String = values.join(", ").chars().take(LABEL).collect();
    let label = if values.is_empty() {
        shown
    } else {
        format!("{values} ({shown})")
    };
    Target {
        address: sha256_hex(format!("{url}\n{all}").as_bytes())[..16].into(),
        label: label.into(),
    }
}

impl Request {
    /// The request with this body.
    fn request(&self, body: &str, id: &str) -> HttpRequest {
        let (url, content_type) = (self.url.reveal(), self.content_type());
        let mut request = if self.method == Method::GET {
            HttpRequest::get(with_query(url, body))
        } else {
            let mut request = HttpRequest::new(self.method.clone(), url);
            request.body = body.to_owned().into();
            request.header("content-type", content_type)
        };
        request = request.header("idempotency-key", id);
        for (name, value) in &self.headers {
            let header: Header = (Cow::Owned(name.clone()), value.reveal().to_owned());
            request
                .headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            request.headers.push(header);
        }
        request
    }

    fn content_type(&self) -> &'static str {
        match self.template.form {
            BodyForm::Json => "application/json",
            BodyForm::Form => "application/x-www-form-urlencoded",
            BodyForm::Text => "text/plain; charset=utf-8",
        }
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Outcome {
        let custom = delivery.message.custom.as_ref();
        let Some(body) = custom.and_then(|custom| custom.body.as_deref()) else {
            let error = SendError::new(ErrorKind::Misconfigured, "the template gave no body");
            return Err(error.fix("let the template of the account print something"));
        };
        if self.template.form == BodyForm::Json
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(body)
        {
            let detail = excerpt(&format!(
                "the template made what is no JSON: {error}: {body}"
            ));
            let error = SendError::new(ErrorKind::Misconfigured, detail);
            return Err(error.fix(
                "texts stand between quotes, as in \"{{ title }}\"; all else is written with |json",
            ));
        }
        let request = self.request(body, delivery.id);
        let reply = self
            .http
            .send(request, SPEC.timeout)
            .await
            .map_err(|error| transport_error(&error))?;
        self.success.classify(&reply, delivery.now)
    }
}

/// A URL with more of a query.
fn with_query(url: &str, query: &str) -> String {
    // What stands behind a # is never sent.
    let url = url.split('#').next().unwrap_or(url);
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{}", query.trim())
}

impl Channel for Request {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let outcome = self.deliver(delivery).await;
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let detail = "what the other side can be asked is not known";
        let error = SendError::new(ErrorKind::Unsupported, detail).fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }

    fn body_template(&self) -> Option<&BodyTemplate> {
        Some(&self.template)
    }
}

#[cfg(test)]
mod tests;
