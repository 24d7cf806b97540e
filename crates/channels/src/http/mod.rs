//! The one guarded HTTP client: every call to a provider goes through [`Http::send`].
//!
//! It adds what no channel may forget: addresses judged before they are used ([`guard`]), no redirects,
//! a deadline over everything (name lookup, connection, request, answer), a bound on what is read, errors
//! that say whether the request may have arrived, and no secrets in any text.

pub mod allowed;
mod body;
mod endpoint;
pub mod error;
pub mod guard;
mod headers;
mod proxy;
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

use bytes::{Bytes, BytesMut};
use http::Method;
use http::header::HeaderMap;
use tokio::time::Instant;

pub use self::allowed::Allowed;
use self::endpoint::Call;
pub use self::endpoint::Endpoint;
pub use self::error::{HttpError, transport_error};
pub use self::guard::{Egress, GuardError};
pub use self::headers::Header;
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
        let proxy_host = settings.proxy.as_ref().map(proxy::host).transpose()?;
        let resolver = Resolver::new(settings.egress.clone(), proxy_host.as_deref());
        let alpn: &[&[u8]] = if settings.http1_only {
            &[b"http/1.1"]
        } else {
            &[b"h2", b"http/1.1"]
        };
        let tls = tls::client_config(&settings.tls, alpn)?;
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
        if settings.http1_only {
            builder = builder.http1_only();
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy::through(proxy)?);
        }
        let client = builder
            .build()
            .map_err(|e| HttpSetupError::Client(innermost(&e.without_url())))?;
        let headers = Arc::new(headers::common(&settings)?);
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
        self.fetch(request, MAX_BODY, usual).await
    }

    /// The same, reading up to `most` bytes of the answer's body.
    pub async fn fetch(
        &self,
        request: HttpRequest,
        most: usize,
        usual: Duration,
    ) -> Result<HttpReply, HttpError> {
        let url = self.check_url(&request.url)?;
        let headers = headers::with(&self.headers, &request.headers)?;
        let call = Call {
            method: request.method,
            url: &url,
            headers,
            body: request.body,
        };
        self.exchange(call, most, usual).await
    }

    /// An address for [`Http::call`], with the headers that every call to it has.
    pub fn endpoint(&self, url: &str, headers: &[Header]) -> Result<Endpoint, HttpError> {
        Ok(Endpoint {
            url: self.check_url(url)?,
            headers: headers::with(&self.headers, headers)?,
        })
    }

    /// A request to an address that was prepared by this client; as [`Http::send`] otherwise.
    pub async fn call(
        &self,
        method: Method,
        endpoint: &Endpoint,
        headers: &[Header],
        body: impl Into<Bytes>,
        usual: Duration,
    ) -> Result<HttpReply, HttpError> {
        let call = Call {
            method,
            url: &endpoint.url,
            headers: headers::with(&endpoint.headers, headers)?,
            body: body.into(),
        };
        self.exchange(call, MAX_BODY, usual).await
    }

    async fn exchange(
        &self,
        call: Call<'_>,
        most: usize,
        usual: Duration,
    ) -> Result<HttpReply, HttpError> {
        let total = self.limit(usual);
        let url = call.url;
        let deadline = Instant::now() + total;
        let harmless = call.method.is_safe();
        let empty = call.body.is_empty();
        let (body, taken) = body::TracedBody::new(call.body);
        let left =
            |connected: bool| !harmless && (taken.load(Ordering::Acquire) || (empty && connected));

        let exchange = async {
            self.check_behind_proxy(url).await?;
            let outgoing = self.client.request(call.method, url.clone()).build();
            let mut outgoing = outgoing.map_err(|e| failed(e, url, &left))?;
            // A user in the URL has become a header, before which the caller's own goes.
            let of_url = std::mem::replace(outgoing.headers_mut(), call.headers);
            for (name, value) in &of_url {
                outgoing
                    .headers_mut()
                    .entry(name)
                    .or_insert_with(|| value.clone());
            }
            if !empty {
                *outgoing.body_mut() = Some(reqwest::Body::wrap(body));
            }
            let answer = self.client.execute(outgoing).await;
            answer.map_err(|e| failed(e, url, &left))
        };
        let Ok(answer) = tokio::time::timeout_at(deadline, exchange).await else {
            let body_left = left(true);
            return Err(HttpError::Timeout {
                url: redact::shown_url(url.as_str()),
                seconds: total.as_secs(),
                body_left,
            });
        };
        let response = answer?;
        Ok(read(response, most, deadline).await)
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
}

fn failed(error: reqwest::Error, url: &url::Url, left: &dyn Fn(bool) -> bool) -> HttpError {
    let error = error.without_url();
    let connected = !error.is_connect();
    let body_left = left(connected);
    let why = innermost(&error);
    let url = redact::shown_url(url.as_str());
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

async fn read(mut response: reqwest::Response, most: usize, deadline: Instant) -> HttpReply {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    let whole = loop {
        match tokio::time::timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = most - body.len();
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
