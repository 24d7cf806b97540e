//! Log-ins by token, and servers with which there is no common mechanism.

use balefire_testkit::smtp::{DEFAULT_OAUTH_TOKEN, DEFAULT_USER, Security, SmtpSim};

use super::*;

async fn server(mechanisms: &[&str]) -> SmtpSim {
    SmtpSim::builder(Security::Implicit)
        .mechanisms(mechanisms)
        .start()
        .await
        .expect("a free port")
}

fn channel(server: &SmtpSim, proof: &Value) -> Result<Email, Vec<BuildError>> {
    let mut account = json!({
        "host": "localhost", "port": server.port(), "tls": "implicit", "user": DEFAULT_USER,
    });
    for (key, value) in proof.as_object().expect("a mapping") {
        account[key] = value.clone();
    }
    built(
        &account,
        &json!({"to": "a@example.com", "tls_config": {"ca": server.ca_pem()}}),
    )
}

async fn refusal(server: &SmtpSim, proof: &Value) -> SendError {
    let email = channel(server, proof).expect("a channel");
    sent(&email, &message())
        .await
        .remove(0)
        .expect_err("no log-in")
}

#[tokio::test]
async fn a_token_logs_in_by_either_mechanism() {
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let server = server(&["PLAIN", mechanism]).await;
        let proof = json!({"oauth_token": DEFAULT_OAUTH_TOKEN});
        let email = channel(&server, &proof).expect("a channel");
        assert!(sent(&email, &message()).await[0].is_ok(), "{mechanism}");
        assert_eq!(
            server.received()[0].user.as_deref(),
            Some(DEFAULT_USER),
            "{mechanism}"
        );
    }
}

#[tokio::test]
async fn a_refused_token_is_a_matter_for_a_person() {
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let server = server(&[mechanism]).await;
        let error = refusal(&server, &json!({"oauth_token": "0ld.t0ken"})).await;
        assert_eq!(error.kind, ErrorKind::Misconfigured, "{mechanism}");
        assert!(error.detail.contains("535 5.7.8"), "{error}");
        assert!(error.fix.contains("oauth_token_path"), "{}", error.fix);
        assert!(!error.to_string().contains("0ld.t0ken"));
    }
}

#[tokio::test]
async fn a_renewed_file_is_read_at_the_next_log_in() {
    let server = server(&["XOAUTH2"]).await;
    let folder = std::env::temp_dir().join(format!("balefire-token-{}", server.port()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("token");
    let proof = json!({"oauth_token_path": path});
    let email = channel(&server, &proof).expect("a channel, although there is no file yet");
    let first = || async { sent(&email, &message()).await.remove(0) };

    let missing = first().await.expect_err("no file");
    assert_eq!(missing.kind, ErrorKind::Transient);
    assert!(missing.detail.contains("balefire-token"), "{missing}");

    std::fs::write(&path, "two words").expect("written");
    let broken = first().await.expect_err("no token");
    assert!(!broken.detail.contains("two"), "{broken}");

    std::fs::write(&path, "0ld\n").expect("written");
    let stale = first().await.expect_err("an old token");
    assert_eq!(stale.kind, ErrorKind::StaleCredential);

    std::fs::write(&path, format!("{DEFAULT_OAUTH_TOKEN}\n")).expect("written");
    assert!(first().await.is_ok());

    // What stands goes on; the next log-in takes the next token.
    server.set_oauth_token("n3xt");
    std::fs::write(&path, "n3xt").expect("written");
    assert!(first().await.is_ok());
    server.hang_up();
    let waited = tokio::time::timeout(Duration::from_secs(10), server.wait_for_sessions(2));
    waited.await.expect("closed");
    assert!(first().await.is_ok());
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn without_a_common_mechanism_the_servers_own_are_named() {
    let password = json!({"password": "s3cret"});
    for (offered, proof, shown, fix) in [
        (
            &["CRAM-MD5", "GSSAPI"][..],
            &password,
            "AUTH CRAM-MD5, GSSAPI",
            "CRAM-MD5",
        ),
        (&["XOAUTH2"], &password, "AUTH XOAUTH2", "oauth_token_path"),
        (&[], &password, "no AUTH", "PLAIN"),
        (
            &["PLAIN"],
            &json!({"oauth_token": "t"}),
            "AUTH PLAIN",
            "user and password",
        ),
    ] {
        let error = refusal(&server(offered).await, proof).await;
        assert_eq!(error.kind, ErrorKind::Misconfigured);
        assert!(error.detail.contains(shown), "{error}");
        assert!(error.fix.contains(fix), "{}", error.fix);
    }
}

#[tokio::test]
async fn what_cannot_be_a_token_is_an_error_of_the_document() {
    let server = server(&["XOAUTH2"]).await;
    for (proof, key) in [
        (json!({"oauth_token": "Bearer t"}), "account.oauth_token"),
        (
            json!({"oauth_token_path": "token"}),
            "account.oauth_token_path",
        ),
        (
            json!({"oauth_token": "t", "oauth_token_path": "/t"}),
            "account.oauth_token_path",
        ),
        (
            json!({"oauth_token": "t", "user": null, "from": "b@example.com"}),
            "user",
        ),
    ] {
        let errors = channel(&server, &proof).expect_err("refused");
        let keys: Vec<&str> = errors.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, [key], "{proof}");
    }
    let shown = format!("{:?}", channel(&server, &json!({"oauth_token": "s3cret"})));
    assert!(!shown.contains("s3cret"), "{shown}");
}
