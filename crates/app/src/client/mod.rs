//! The HTTP client of the command line and of shadow mode: one server, one authorization, answers of
//! bounded size. What is sent to providers goes through the guarded client of `channels` instead.

mod error;

use std::path::Path;
use std::time::Duration;

use balefire_core::secret::Secret;
use balefire_core::time::Time;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use reqwest::{Certificate, Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::error::ClientError;

/// Largest answer that is read, in bytes; 100 000 alerts take about 100 MB.
const MOST: usize = 256 * 1024 * 1024;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole call may take; longer than the longest wait that the interface offers.
const PATIENCE: Duration = Duration::from_secs(75);

/// What the server answered with a success.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The server's time of the answer, to the second.
    pub(crate) date: Option<Time>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// A call's parts beyond its path.
#[derive(Debug, Default)]
pub(crate) struct Call<'a> {
    /// Query parameters.
    pub(crate) query: &'a [(&'a str, String)],
    /// A JSON body.
    pub(crate) body: Option<&'a Value>,
    /// One more header.
    pub(crate) header: Option<(&'static str, &'a str)>,
}

/// A server and how to talk to it; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// A client of the server at `url`, which may have a path prefix. `authorization` is the value of
    /// that header; `authorities` a PEM file with further certificate authorities.
    pub(crate) fn new(
        url: &str,
        authorization: Option<&Secret>,
        authorities: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let base = address(url)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the guarded client is for providers; this one talks to the node that the operator names"
        )]
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("balefire/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        if let Some(file) = authorities {
            builder = builder.tls_certs_merge(certificates(file)?);
        }
        let http = builder.build().map_err(|error| ClientError::Address {
            url: url.to_owned(),
            why: causes(&error),
        })?;
        let authorization = authorization.map(header).transpose()?;
        Ok(Self {
            http,
            base,
            authorization,
        })
    }

    /// The server's address, as it is shown.
    pub(crate) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Gets JSON.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, ClientError> {
        let call = Call {
            query,
            ..Call::default()
        };
        let answer = self.call(Method::GET, path, call).await?;
        self.read(&answer.body)
    }

    /// Posts JSON and reads JSON.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, ClientError> {
        let call = Call {
            body: Some(body),
            ..Call::default()
        };
        let answer = self.call(Method::POST, path, call).await?;
        self.read(&answer.body)
    }

    /// Reads a body as JSON.
    pub(crate) fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(body).map_err(|error| ClientError::Stranger {
            url: self.url().to_owned(),
            what: error.to_string(),
        })
    }

    /// Makes a call; anything but a success is an error.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        call: Call<'_>,
    ) -> Result<Answer, ClientError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        for (name, value) in call.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let mut request = self.http.request(method, url);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        if let Some((name, value)) = call.header {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let mut response = request.send().await.map_err(|error| self.failed(&error))?;
        let date = response
            .headers()
            .get(DATE)
            .and_then(|value| value.to_str().ok());
        let date = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failed(&error))?
        {
            if body.len() + chunk.len() > MOST {
                return Err(ClientError::Stranger {
                    url: self.url().to_owned(),
                    what: format!("the answer is longer than {} MB", MOST / 1_000_000),
                });
            }
            body.extend_from_slice(&chunk);
        }
        if response.status().is_success() {
            return Ok(Answer {
                date: date.map(|zoned| Time::from(zoned.timestamp())),
                body,
            });
        }
        Err(ClientError::refused(
            self.url(),
            response.status().as_u16(),
            &body,
        ))
    }

    fn failed(&self, error: &reqwest::Error) -> ClientError {
        let url = self.url().to_owned();
        if error.is_timeout() && !error.is_connect() {
            return ClientError::TooSlow {
                url,
                seconds: PATIENCE.as_secs(),
            };
        }
        ClientError::Unreachable {
            url,
            why: causes(error),
        }
    }
}

fn address(url: &str) -> Result<Url, ClientError> {
    let wrong = |why: &str| ClientError::Address {
        url: url.to_owned(),
        why: why.to_owned(),
    };
    let base = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
        return Err(wrong("it is neither http nor https"));
    }
    if !base.username().is_empty() || base.password().is_some() {
        // The text is not repeated: it holds a secret.
        return Err(ClientError::Address {
            url: format!(
                "{}://…@{}",
                base.scheme(),
                base.host_str().unwrap_or_default()
            ),
            why: "passwords do not belong on a command line".to_owned(),
        });
    }
    Ok(base)
}

fn is_loopback(url: &Url) -> bool {
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn header(secret: &Secret) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| ClientError::File {
        file: "the token".to_owned(),
        why: "it holds characters that no token has; one line of printable text is expected"
            .to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, ClientError> {
    let wrong = |why: String| ClientError::File {
        file: file.display().to_string(),
        why,
    };
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| wrong(causes(&error)))
}

/// The innermost reason of an error: the outer ones repeat the address.
fn causes(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_and_holds_no_password() {
        assert_eq!(
            address("http://node:9119/prefix/").expect("good").path(),
            "/prefix/"
        );
        assert!(address("node:9119").is_err());
        assert!(address("ftp://node").is_err());
        let words = address("https://me:hunter2@node")
            .expect_err("refused")
            .to_string();
        assert!(
            !words.contains("hunter2") && words.contains("passwords"),
            "{words}"
        );
    }

    #[test]
    fn only_addresses_of_this_machine_bypass_the_proxy() {
        let loopback = |url| is_loopback(&address(url).expect("an address"));
        assert!(
            loopback("http://localhost:1")
                && loopback("http://127.0.0.9")
                && loopback("http://[::1]:9")
        );
        assert!(!loopback("http://localhost.example.com") && !loopback("http://10.0.0.1"));
    }
}
