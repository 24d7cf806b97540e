//! The one guarded HTTP client: every call to a provider goes through [`Http::send`].
//!
//! It adds what no channel may forget: addresses judged before they are used ([`guard`]), no redirects,
//! a deadline over everything (name lookup, connection, request, answer), a bound on what is read, errors
//! that say whether the request may have arrived, and no secrets in any text.

pub mod allowed;
mod body;
pub mod error;
pub mod guard;
pub mod redact;
pub mod reply;
pub mod request;
pub mod resolver;
mod settings;
mod shared;
pub mod tls;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use bytes::BytesMut;
use http::Method;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::Instant;

pub use self::allowed::Allowed;
pub use self::error::{HttpError, transport_error};
pub use self::guard::{Egress, GuardError};
pub use self::reply::{HttpReply, classify_http, excerpt, status_error};
pub use self::request::HttpRequest;
pub use self::resolver::Resolver;
pub use self::settings::{Authorization, HttpSettings, HttpSetupError, ProxySettings};
use self::shared::Shared;
pub use self::tls::{ClientCertificate, TlsError, TlsSettings};

/// How much of an answer's body is read; the rest is discarded with the connection.
pub const MAX_BODY: usize = 64 * 1024;
/// What we call ourselves.
pub const AGENT: &str = concat!("Balefire/", env!("CARGO_PKG_VERSION"));

/// The client of one account; cheap to clone, connections are shared among clones.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    resolver: Resolver,
    settings: Arc<HttpSettings>,
    /// The operator's own limit for a request, in place of the channel's.
    limit: Option<Duration>,
    headers: Arc<HeaderMap>,
    shared: Arc<Shared>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("egress", &self.settings.egress)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A client with these settings.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpSetupError> {
        let proxy_host = settings.proxy.as_ref().map(proxy_host).transpose()?;
        let resolver = Resolver::new(settings.egress.clone(), proxy_host.as_deref());
        let tls = tls::client_config(&settings.tls, &[b"h2", b"http/1.1"])?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that builds a client"
        )]
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(8)
            .http2_max_header_list_size(32 * 1024)
            .referer(false)
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            // The library's own words may quote the URL, which may hold a password.
            let through = reqwest::Proxy::all(proxy.url.reveal())
                .map_err(|_| HttpSetupError::Proxy(redact::shown_url(proxy.url.reveal())))?;
            builder =
                builder.proxy(through.no_proxy(reqwest::NoProxy::from_string(&proxy.no_proxy)));
        }
        let client = builder
            .build()
            .map_err(|e| HttpSetupError::Client(innermost(&e.without_url())))?;
        let headers = Arc::new(common_headers(&settings)?);
        Ok(Self {
            client,
            resolver,
            settings: Arc::new(settings),
            limit: None,
            headers,
            shared: Arc::default(),
        })
    }

    /// The same client with another time for each request than what channels ask for.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// How long a request may take that usually may take `usual`.
    pub fn limit(&self, usual: Duration) -> Duration {
        self.limit.unwrap_or(usual)
    }

    /// The settings it was built from, for channels that speak another protocol through the same rules.
    pub fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// The judging resolver, for the same.
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// What the channels of this client keep together, one of each type: made at the first call.
    pub(crate) fn shared<T: std::any::Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.shared.get()
    }

    /// Judges a URL without sending, for configuration checks; the same judgement runs in [`Http::send`].
    pub fn check_url(&self, url: &str) -> Result<url::Url, GuardError> {
        self.settings.egress.check_url(url)
    }

    /// Sends one request and reads the answer, all within `usual`, or the time of [`Http::within`]. Never retries,
    /// never follows a redirect.
    ///
    /// Once a status has come, the answer is `Ok`, even if its body broke off or outlasted the deadline
    /// (`whole` is false then): the status is the provider's word.
    pub async fn send(
        &self,
        request: HttpRequest,
        usual: Duration,
    ) -> Result<HttpReply, HttpError> {
        let total = self.limit(usual);
        let url = self.check_url(&request.url)?;
        let headers = self.headers_of(&request)?;
        let shown = redact::shown_url(&request.url);
        let deadline = Instant::now() + total;
        let harmless = matches!(request.method, Method::GET | Method::HEAD);
        let empty = request.body.is_empty();
        let (body, taken) = body::TracedBody::new(request.body);
        let left =
            |connected: bool| !harmless && (taken.load(Ordering::Acquire) || (empty && connected));

        let exchange = async {
            self.check_behind_proxy(&url).await?;
            let mut outgoing = self.client.request(request.method, url).headers(headers);
            if !empty {
                outgoing = outgoing.body(reqwest::Body::wrap(body));
            }
            outgoing.send().await.map_err(|e| failed(e, &shown, &left))
        };
        let Ok(answer) = tokio::time::timeout_at(deadline, exchange).await else {
            let body_left = left(true);
            return Err(HttpError::Timeout {
                url: shown,
                seconds: total.as_secs(),
                body_left,
            });
        };
        let response = answer?;
        Ok(read(response, deadline).await)
    }

    /// Behind a proxy our resolver is not asked, so what a name stands for is judged here. A name that
    /// was opened need not resolve on this machine.
    async fn check_behind_proxy(&self, url: &url::Url) -> Result<(), HttpError> {
        if self.settings.proxy.is_none() || self.settings.egress == Egress::Operator {
            return Ok(());
        }
        let Some(url::Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        if self.settings.egress.opens_host(name) {
            return Ok(());
        }
        let strict = Resolver::new(self.settings.egress.clone(), None);
        match strict.resolve(name).await {
            Ok(_) => Ok(()),
            Err(resolver::ResolveError::Guarded(guard)) => Err(guard.into()),
            Err(e @ resolver::ResolveError::Lookup { .. }) => Err(HttpError::Connect {
                url: redact::shown_url(url.as_str()),
                why: e.to_string(),
                tls: false,
            }),
        }
    }

    fn headers_of(&self, request: &HttpRequest) -> Result<HeaderMap, HttpError> {
        let mut headers = (*self.headers).clone();
        for (name, value) in &request.headers {
            let (name, value) =
                header(name, value).ok_or_else(|| HttpError::Header(name.clone().into_owned()))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Names that belong to the connection, not to us.
const FORBIDDEN: [&str; 7] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
];

/// A header as it can be sent; `None` for line breaks, NUL and the connection's own names. Values may be
/// UTF-8. They are marked sensitive, so that no log of any layer prints them.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    if FORBIDDEN.contains(&name.as_str()) {
        return None;
    }
    let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn common_headers(settings: &HttpSettings) -> Result<HeaderMap, HttpSetupError> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(auth) = &settings.auth {
        let text = match auth {
            Authorization::Basic { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                format!(
                    "Basic {}",
                    base64::engine::general_purpose::STANDARD.encode(pair)
                )
            }
            Authorization::Bearer(token) => format!("Bearer {}", token.reveal()),
            Authorization::Scheme {
                scheme,
                credentials,
            } => {
                format!("{scheme} {}", credentials.reveal())
            }
        };
        let (name, value) = header(AUTHORIZATION.as_str(), &text)
            .ok_or_else(|| HttpSetupError::Header(AUTHORIZATION.to_string()))?;
        headers.insert(name, value);
    }
    for (name, value) in &settings.headers {
        let (name, value) =
            header(name, value.reveal()).ok_or_else(|| HttpSetupError::Header(name.clone()))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The proxy's host, if its URL can be used.
fn proxy_host(proxy: &ProxySettings) -> Result<String, HttpSetupError> {
    let refused = |why: &str| HttpSetupError::Proxy(why.to_owned());
    let url = url::Url::parse(proxy.url.reveal()).map_err(|e| refused(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(refused(
            "the scheme is none of http, https, socks5 and socks5h",
        ));
    }
    url.host_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| refused("there is no host"))
}

fn failed(error: reqwest::Error, url: &str, left: &dyn Fn(bool) -> bool) -> HttpError {
    let error = error.without_url();
    let connected = !error.is_connect();
    let body_left = left(connected);
    let why = innermost(&error);
    let url = url.to_owned();
    if let Some(guard) = guarded(&error) {
        return HttpError::Guarded(guard);
    }
    if connected {
        HttpError::Broken {
            url,
            why,
            body_left,
        }
    } else {
        HttpError::Connect {
            url,
            why,
            tls: chain(&error).any(<dyn std::error::Error + 'static>::is::<rustls::Error>),
        }
    }
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |e| {
        // An I/O error hides what it wraps from `source`.
        match e
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn std::error::Error + 'static)),
            None => e.source(),
        }
    })
    .take(16)
}

fn guarded(error: &reqwest::Error) -> Option<GuardError> {
    chain(error).find_map(|e| {
        e.downcast_ref::<GuardError>().cloned().or_else(|| {
            match e.downcast_ref::<resolver::ResolveError>() {
                Some(resolver::ResolveError::Guarded(guard)) => Some(guard.clone()),
                _ => None,
            }
        })
    })
}

/// The last cause, which is the one that helps; the outer ones say "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    excerpt(
        &chain(error)
            .last()
            .map_or_else(|| error.to_string(), ToString::to_string),
    )
}

async fn read(mut response: reqwest::Response, deadline: Instant) -> HttpReply {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    let whole = loop {
        match tokio::time::timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = MAX_BODY - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break false;
                }
            }
            Ok(Ok(None)) => break true,
            Ok(Err(_)) | Err(_) => break false,
        }
    };
    HttpReply {
        status,
        headers,
        body: body.freeze(),
        whole,
    }
}

#[cfg(test)]
mod tests;
