//! The ring of `access.egress` holds for mail servers as it does for URLs.

use serde_json::json;

use super::{Script, built, message, options, sent};
use crate::error::ErrorKind;
use crate::http::{Allowed, Egress, Resolver};

fn strict(opened: &[&str]) -> Egress {
    let mut allowed = Allowed::default();
    assert!(opened.iter().all(|text| allowed.open(text)), "{opened:?}");
    Egress::Strict(allowed)
}

#[tokio::test]
async fn a_mail_server_is_judged_by_the_address_its_name_has_when_it_is_called() {
    let script = Script::new(&[]);
    let port = script.listen().await;
    // No URL and no literal address, so that only the look-up says what it is.
    let mut receiver = options(port);
    receiver["smarthost"] = json!(format!("127.1:{port}"));
    let mut email = built(&json!({}), &receiver).expect("a channel");
    email.resolver = Resolver::new(strict(&["10.0.0.0/8"]), None);
    for outcome in sent(&email, &message()).await {
        let error = outcome.expect_err("out of reach");
        assert_eq!(error.kind, ErrorKind::Misconfigured);
        assert!(
            error.detail.starts_with("127.1 (127.0.0.1) is neither"),
            "{error:?}"
        );
        assert!(error.fix.contains("access.egress.allow"), "{}", error.fix);
    }
    assert_eq!(script.seen(), Vec::<String>::new(), "nothing was connected");
    for opened in ["127.0.0.0/8", "127.0.0.1"] {
        email.resolver = Resolver::new(strict(&[opened]), None);
        let outcomes = sent(&email, &message()).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
}
