//! What a sender's own service keeps for us: the certificate that its requests are signed with, the address that
//! confirms a subscription. Both were judged by the source; the guarded client reaches public addresses only.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::http::{Http, HttpReply, HttpRequest};
use balefire_core::time::Time;
use bytes::Bytes;
use parking_lot::Mutex;

/// Senders give up after 15 s; what we ask of their side must leave room for the rest.
const PATIENCE: Duration = Duration::from_secs(5);
/// Certificates that are kept: a cloud has one a region and year.
const KEPT: usize = 32;
/// How long a certificate is kept; its address changes when it does.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// It could not be had: the sender may come again.
#[derive(Debug, thiserror::Error)]
#[error("{what} could not be had from the sender's service: {problem}")]
pub(crate) struct OutsideError {
    what: &'static str,
    problem: String,
}

/// Certificates that were fetched, the latest last.
#[derive(Clone, Default)]
pub(crate) struct Certificates(Arc<Mutex<Vec<Certificate>>>);

struct Certificate {
    url: String,
    pem: Bytes,
    fetched: Time,
}

/// The way out of one source.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) http: Http,
    pub(crate) certificates: Certificates,
}

impl Outside {
    /// The certificate at an address.
    pub(crate) async fn certificate(&self, url: &str, now: Time) -> Result<Bytes, OutsideError> {
        if let Some(pem) = self.certificates.find(url, now) {
            return Ok(pem);
        }
        let reply = self.get("the certificate", url).await?;
        let pem = reply.body.clone();
        self.certificates.keep(url, pem.clone(), now);
        Ok(pem)
    }

    /// Visits an address, which is all that it takes to confirm.
    pub(crate) async fn confirm(&self, url: &str) -> Result<(), OutsideError> {
        self.get("the confirmation", url).await.map(drop)
    }

    async fn get(&self, what: &'static str, url: &str) -> Result<HttpReply, OutsideError> {
        let failed = |problem| OutsideError { what, problem };
        let reply = self.http.send(HttpRequest::get(url), PATIENCE).await;
        let reply = reply.map_err(|error| failed(error.to_string()))?;
        if reply.is_success() && reply.whole {
            Ok(reply)
        } else {
            Err(failed(format!("it answered {}", reply.status)))
        }
    }
}

impl Certificates {
    fn find(&self, url: &str, now: Time) -> Option<Bytes> {
        let held = self.0.lock();
        let known = held.iter().find(|held| held.url == url)?;
        (now < known.fetched.after(KEPT_FOR)).then(|| known.pem.clone())
    }

    fn keep(&self, url: &str, pem: Bytes, fetched: Time) {
        let mut held = self.0.lock();
        held.retain(|held| held.url != url);
        if held.len() >= KEPT {
            held.remove(0);
        }
        held.push(Certificate {
            url: url.to_owned(),
            pem,
            fetched,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::get;
    use balefire_channels::http::{Allowed, Egress, HttpSettings};

    use super::*;

    /// A service that counts its visitors, and its address.
    async fn service() -> (String, Arc<AtomicUsize>) {
        let visits = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&visits);
        let page = get(move || async move {
            seen.fetch_add(1, Ordering::Relaxed);
            "PEM"
        });
        let router = Router::new().route("/cert.pem", page);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (format!("http://{address}"), visits)
    }

    fn outside(egress: Egress) -> Outside {
        let settings = HttpSettings {
            egress,
            ..HttpSettings::default()
        };
        Outside {
            http: Http::new(settings).expect("a client"),
            certificates: Certificates::default(),
        }
    }

    #[tokio::test]
    async fn a_certificate_is_fetched_once_a_day_and_a_missing_one_is_said() {
        let (url, visits) = service().await;
        let outside = outside(Egress::Operator);
        let cert = format!("{url}/cert.pem");
        for (hours, expected) in [(0, 1), (23, 1), (24, 2), (25, 2)] {
            let now = Time::from_secs(1_772_590_500 + hours * 3_600);
            let pem = outside.certificate(&cert, now).await.expect("fetched");
            assert_eq!(&pem[..], b"PEM");
            assert_eq!(visits.load(Ordering::Relaxed), expected, "{hours}");
        }
        let gone = outside.confirm(&format!("{url}/gone")).await;
        let words = gone.expect_err("nothing there").to_string();
        assert!(words.ends_with("it answered 404"), "{words}");
    }

    #[tokio::test]
    async fn private_addresses_are_out_of_reach() {
        let (url, visits) = service().await;
        let outside = outside(Egress::Public(Allowed::NOTHING));
        let cert = format!("{url}/cert.pem");
        assert!(outside.certificate(&cert, Time::EPOCH).await.is_err());
        assert_eq!(visits.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn many_certificates_stay_few() {
        let certificates = Certificates::default();
        for number in 0..100 {
            certificates.keep(&number.to_string(), Bytes::new(), Time::EPOCH);
        }
        assert_eq!(certificates.0.lock().len(), KEPT);
        assert!(certificates.find("99", Time::EPOCH).is_some());
        assert!(certificates.find("0", Time::EPOCH).is_none());
    }
}
