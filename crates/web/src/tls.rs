//! Our own certificate, from PEM files, read again when they change.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use balefire_config::plan::Tls;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;

/// The files are looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Why the listener's certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TlsError {
    file: String,
    problem: String,
}

fn error(file: &Path, problem: &dyn std::fmt::Display) -> TlsError {
    TlsError {
        file: file.display().to_string(),
        problem: problem.to_string(),
    }
}

/// The listener's certificate: what new connections are shown, and the files it comes from. Clones are the same one.
#[derive(Clone)]
pub struct Certificate(Arc<Held>);

struct Held {
    files: ArcSwap<Tls>,
    shown: ArcSwap<ServerConfig>,
}

/// A certificate that was read and can be used.
pub struct Renewed {
    files: Tls,
    config: ServerConfig,
}

/// Reads certificate, key and, for client certificates, the authorities, as they are now.
pub fn read(files: Tls) -> Result<Renewed, TlsError> {
    let config = config(&files)?;
    Ok(Renewed { files, config })
}

impl Certificate {
    /// Reads the files for the first time.
    pub fn load(files: &Tls) -> Result<Self, TlsError> {
        let Renewed { files, config } = read(files.clone())?;
        Ok(Self(Arc::new(Held {
            files: ArcSwap::from_pointee(files),
            shown: ArcSwap::from_pointee(config),
        })))
    }

    /// What a new connection is shown.
    pub(crate) fn shown(&self) -> Arc<ServerConfig> {
        self.0.shown.load_full()
    }

    /// The same for mails, whose senders name no protocol in the handshake.
    pub(crate) fn shown_to_mail(&self) -> Arc<ServerConfig> {
        let mut config = (*self.shown()).clone();
        config.alpn_protocols.clear();
        Arc::new(config)
    }

    /// Shows this one to new connections, and looks at its files from now on.
    pub fn take_over(&self, renewed: Renewed) {
        self.0.files.store(Arc::new(renewed.files));
        self.0.shown.store(Arc::new(renewed.config));
    }

    /// Reads the files again, for new connections; what cannot be used leaves the old ones in force.
    fn refresh(&self) -> Result<(), TlsError> {
        let config = config(&self.0.files.load())?;
        self.0.shown.store(Arc::new(config));
        Ok(())
    }

    /// Refreshes whenever a file has changed, until `stop`. A certificate that comes before its key
    /// does not fit the old one; the next look, when the key has come too, settles it.
    pub async fn watch(self, stop: CancellationToken) {
        let mut known = self.look(Seen::default()).await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            known = self.look(known).await;
        }
    }

    /// Refreshes if the files are not as they were seen; answers how they are now.
    async fn look(&self, known: Seen) -> Seen {
        let held = self.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let seen = stamps(&held.0.files.load());
            if !known.is_empty() && seen != known {
                match held.refresh() {
                    Ok(()) => tracing::info!("the certificate was read again"),
                    Err(error) => {
                        tracing::error!(%error, "the new certificate cannot be used, the old one stays");
                    }
                }
            }
            seen
        });
        // It does not panic, and if it were cancelled the node is ending.
        looking.await.unwrap_or_default()
    }
}

/// What told a file apart when it was last looked at.
type Seen = Vec<Option<(u64, i64, i64, u64)>>;

fn stamps(tls: &Tls) -> Seen {
    let files = [
        Some(&tls.certificate),
        Some(&tls.key),
        tls.client_ca.as_ref(),
    ];
    let stamp = |file: &std::path::PathBuf| {
        let data = std::fs::metadata(file).ok()?;
        Some((data.ino(), data.mtime(), data.mtime_nsec(), data.size()))
    };
    files.into_iter().flatten().map(stamp).collect()
}

fn config(tls: &Tls) -> Result<ServerConfig, TlsError> {
    let chain = certificates(&tls.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|e| error(&tls.key, &e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| error(&tls.certificate, &e))?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(|e| error(file, &e))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|e| error(file, &e))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|e| error(&tls.certificate, &e))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|e: rustls_pki_types::pem::Error| error(file, &e))?;
    if chain.is_empty() {
        return Err(error(file, &"no certificate is in it"));
    }
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rustls::{ClientConfig, pki_types::ServerName};
    use tempfile::TempDir;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// Files as an operator renews them: written beside and moved into place.
    fn place(folder: &TempDir, name: &str, text: &str) -> PathBuf {
        let (new, file) = (folder.path().join("new"), folder.path().join(name));
        std::fs::write(&new, text).expect("written");
        std::fs::rename(&new, &file).expect("moved");
        file
    }

    /// A certificate for `localhost`, in PEM with its key, and as its owner's clients trust it.
    fn certificate() -> (String, String, CertificateDer<'static>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let key = made.signing_key.serialize_pem();
        (made.cert.pem(), key, made.cert.der().clone())
    }

    fn files(folder: &TempDir, pem: &(String, String, CertificateDer<'static>)) -> Tls {
        Tls {
            certificate: place(folder, "cert.pem", &pem.0),
            key: place(folder, "key.pem", &pem.1),
            client_ca: None,
        }
    }

    /// Whether a client that trusts only this certificate can connect.
    async fn accepts(current: &Certificate, trusted: &CertificateDer<'static>) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (near, far) = tokio::io::duplex(64 * 1024);
        let name = ServerName::try_from("localhost").expect("a name");
        let (connected, _) = tokio::join!(
            TlsConnector::from(Arc::new(client)).connect(name, near),
            TlsAcceptor::from(current.shown()).accept(far),
        );
        connected.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewed_certificate_is_served_within_half_a_minute() {
        let folder = TempDir::new().expect("a folder");
        let (old, new) = (certificate(), certificate());
        let tls = files(&folder, &old);
        let current = Certificate::load(&tls).expect("loaded");
        assert!(accepts(&current, &old.2).await && !accepts(&current, &new.2).await);
        let stop = CancellationToken::new();
        let watching =
            tokio_util::task::TaskTracker::new().spawn(current.clone().watch(stop.clone()));
        tokio::time::sleep(Duration::from_secs(1)).await;
        place(&folder, "cert.pem", &new.0);
        tokio::time::sleep(LOOK_EVERY).await;
        assert!(
            accepts(&current, &old.2).await,
            "half a renewal changes nothing"
        );
        place(&folder, "key.pem", &new.1);
        tokio::time::sleep(LOOK_EVERY).await;
        assert!(accepts(&current, &new.2).await && !accepts(&current, &old.2).await);
        stop.cancel();
        watching.await.expect("the watch ends");
    }

    #[tokio::test]
    async fn a_certificate_that_is_taken_over_is_served_at_once_and_then_watched() {
        let (folder, other) = (
            TempDir::new().expect("a folder"),
            TempDir::new().expect("a folder"),
        );
        let (old, new, newer) = (certificate(), certificate(), certificate());
        let current = Certificate::load(&files(&folder, &old)).expect("loaded");
        let elsewhere = files(&other, &new);
        let renewed = read(elsewhere).expect("good");
        assert!(
            accepts(&current, &old.2).await,
            "reading alone changes nothing"
        );
        current.take_over(renewed);
        assert!(accepts(&current, &new.2).await && !accepts(&current, &old.2).await);
        files(&other, &newer);
        current.refresh().expect("good");
        assert!(
            accepts(&current, &newer.2).await,
            "the files are the other ones now"
        );
    }

    #[tokio::test]
    async fn a_broken_file_keeps_the_old_certificate_and_is_named() {
        let folder = TempDir::new().expect("a folder");
        let pem = certificate();
        let tls = files(&folder, &pem);
        let current = Certificate::load(&tls).expect("loaded");
        for (name, text) in [
            ("cert.pem", ""),
            ("cert.pem", "nonsense"),
            ("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
            ("key.pem", "nonsense"),
            ("key.pem", &certificate().1),
        ] {
            place(&folder, name, text);
            let error = current.refresh().expect_err(text).to_string();
            assert!(
                error.contains(folder.path().to_str().expect("a path")),
                "{error}"
            );
            assert!(accepts(&current, &pem.2).await, "{name}: {text}");
            files(&folder, &pem);
        }
        current.refresh().expect("good again");
    }

    #[tokio::test]
    async fn with_an_authority_clients_must_show_a_certificate() {
        let folder = TempDir::new().expect("a folder");
        let pem = certificate();
        let mut tls = files(&folder, &pem);
        tls.client_ca = Some(place(&folder, "ca.pem", &certificate().0));
        let current = Certificate::load(&tls).expect("loaded");
        let (near, far) = tokio::io::duplex(64 * 1024);
        let mut roots = RootCertStore::empty();
        roots.add(pem.2.clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let (_, accepted) = tokio::join!(
            TlsConnector::from(Arc::new(client)).connect(name, near),
            TlsAcceptor::from(current.shown()).accept(far),
        );
        assert!(accepted.is_err());
    }
}
