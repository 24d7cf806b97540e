//! Which authorities count. The system's are named to a second run of the test by `SSL_CERT_FILE`.

use std::path::Path;
use std::process::Command;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

const ITSELF: &str = "http::tests::authorities::named_authorities_count_instead_of_the_systems";
const FOLDER: &str = "BALEFIRE_TEST_AUTHORITIES";

/// A self-signed certificate for localhost and its key, as PEM.
fn issued() -> (String, String) {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    let issued = issued.expect("a certificate");
    (issued.cert.pem(), issued.signing_key.serialize_pem())
}

/// A server with this certificate; answers its port.
async fn serving(chain: &str, key: &str) -> u16 {
    let chain = CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .expect("a server");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let address = peer(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    address.await.port()
}

#[test]
fn named_authorities_count_instead_of_the_systems() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().expect("a runtime");
        return runtime.block_on(with_a_system_that_trusts(Path::new(&folder)));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = issued();
    std::fs::write(folder.path().join("chain.pem"), chain).expect("the certificate");
    std::fs::write(folder.path().join("key.pem"), key).expect("the key");
    let itself = Command::new(std::env::current_exe().expect("this test"))
        .args([ITSELF, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("SSL_CERT_FILE", folder.path().join("chain.pem"))
        .output()
        .expect("a second run");
    let said = String::from_utf8_lossy(&itself.stdout).into_owned();
    assert!(itself.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

async fn with_a_system_that_trusts(folder: &Path) {
    let read = |name| std::fs::read_to_string(folder.join(name)).expect("a file");
    let port = serving(&read("chain.pem"), &read("key.pem")).await;
    let (another, _) = issued();
    for (ca_pem, trusted) in [
        (None, true),
        (Some(another.clone()), false),
        (Some(another + &read("chain.pem")), true),
    ] {
        let tls = TlsSettings {
            ca_pem,
            ..TlsSettings::default()
        };
        let http = Http::new(HttpSettings {
            tls,
            ..HttpSettings::default()
        });
        let request = HttpRequest::get(format!("https://localhost:{port}/"));
        let reply = http.expect("a client").send(request, SECOND).await;
        assert_eq!(reply.is_ok(), trusted, "{reply:?}");
    }
}
