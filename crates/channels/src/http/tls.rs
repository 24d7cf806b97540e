//! TLS as a client: aws-lc-rs, TLS 1.2 and 1.3, the machine's own roots or, where some are configured, those alone.

use std::sync::Arc;

use balefire_core::secret::Secret;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

/// What can be set of TLS; the texts are PEM, read from their files by the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificates trusted instead of the machine's own.
    pub ca_pem: Option<String>,
    /// Certificate chain and private key that we show to the server.
    pub client: Option<ClientCertificate>,
    /// Verify the server's certificate against this name instead of the URL's host.
    pub server_name: Option<String>,
    /// Take any certificate: for laboratories; said loudly by `balefire check`.
    pub insecure_skip_verify: bool,
    /// Refuse TLS 1.2.
    pub tls13_only: bool,
}

/// A certificate of ours and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The chain, leaf first.
    pub chain_pem: String,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key_pem: Secret,
}

/// Why TLS settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The CA's text holds no certificate.
    #[error("the CA holds no usable certificate: {0}")]
    Ca(String),
    /// The client certificate or its key cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    Client(String),
    /// `server_name` is neither a host name nor an address.
    #[error("{0:?} is not a server name")]
    ServerName(String),
    /// The machine has no trusted roots and no CA is configured.
    #[error("no trusted certificates: {0}")]
    Roots(String),
}

/// A rustls configuration for these settings; `alpn` names the protocols offered.
pub fn client_config(settings: &TlsSettings, alpn: &[&[u8]]) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(settings, &provider)?;
    let versions: &[&rustls::SupportedProtocolVersion] = if settings.tls13_only {
        &[&rustls::version::TLS13]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|e| TlsError::Roots(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &settings.client {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let chain = certificates(&own.chain_pem).map_err(TlsError::Client)?;
            // The parser's own words never quote the key.
            let key = PrivateKeyDer::from_pem_slice(own.key_pem.reveal().as_bytes())
                .map_err(|_| TlsError::Client("the key is not PEM".to_owned()))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|e| TlsError::Client(e.to_string()))?
        }
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if found.is_empty() => Err("no CERTIFICATE section in the PEM text".to_owned()),
        Ok(found) => Ok(found),
        Err(e) => Err(e.to_string()),
    }
}

/// Who would judge a server's certificate by these settings, `insecure_skip_verify` left aside.
pub(crate) fn judge(settings: &TlsSettings) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let settings = TlsSettings {
        insecure_skip_verify: false,
        server_name: None,
        ..settings.clone()
    };
    verifier(&settings, &Arc::new(aws_lc_rs::default_provider()))
}

fn verifier(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    if settings.insecure_skip_verify {
        return Ok(Arc::new(TakeAny(Arc::clone(provider))));
    }
    let inner = match &settings.ca_pem {
        Some(pem) => trusting_only(pem, provider)?,
        None => Arc::new(
            rustls_platform_verifier::Verifier::new(Arc::clone(provider))
                .map_err(|e| TlsError::Roots(e.to_string()))?,
        ),
    };
    match &settings.server_name {
        None => Ok(inner),
        Some(name) => {
            let name = ServerName::try_from(name.clone())
                .map_err(|_| TlsError::ServerName(name.clone()))?;
            Ok(Arc::new(OtherName { inner, name }))
        }
    }
}

/// Whoever names authorities means these, as in Prometheus: any of the system's could vouch for somebody else.
fn trusting_only(
    pem: &str,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem).map_err(TlsError::Ca)? {
        roots
            .add(authority)
            .map_err(|e| TlsError::Ca(e.to_string()))?;
    }
    let built =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    match built {
        Ok(verifier) => Ok(verifier),
        Err(e) => Err(TlsError::Ca(e.to_string())),
    }
}

/// Verifies against a configured name.
#[derive(Debug)]
struct OtherName {
    inner: Arc<dyn ServerCertVerifier>,
    name: ServerName<'static>,
}

impl ServerCertVerifier for OtherName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.inner
            .verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// `insecure_skip_verify`: any certificate, but still a handshake signed with its key.
#[derive(Debug)]
struct TakeAny(Arc<CryptoProvider>);

impl ServerCertVerifier for TakeAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
