//! Address books against the simulated platforms: who is found, who has left, and what is no answer.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use balefire_testkit::Simulator;
use serde_json::{Value, json};

use crate::directory::{By, Directory};
use crate::error::ErrorKind;
use crate::http::{Http, HttpSettings};
use crate::registry::directories::opener;
use crate::spec::Build;
use crate::token::Tokens;

const NOW: Time = Time::from_secs(1_795_249_800);

fn open(kind: &str, account: &Value) -> Arc<dyn Directory> {
    let build = Build {
        account_name: "app",
        account,
        receiver: &json!({}),
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    };
    let open = opener(kind).expect("an address book");
    open(&build).expect("an account")
}

async fn stands(book: &Arc<dyn Directory>, id: &str) -> (Standing, String) {
    let stands = book.standing(id, NOW).await.expect("an answer");
    (stands.standing, stands.said)
}

/// What keeps the address book from answering, and what can be done about it.
async fn silent(book: &Arc<dyn Directory>, id: &str) -> (ErrorKind, &'static str) {
    let error = book.standing(id, NOW).await.expect_err("no answer");
    (error.kind, error.fix)
}

async fn found(book: &Arc<dyn Directory>, by: By<'_>) -> Option<String> {
    book.find(by, NOW).await.expect("an answer")
}

#[tokio::test]
async fn wecom_tells_who_is_there_and_a_member_out_of_scope_says_nothing() {
    let sim = Simulator::start().await.expect("a simulator");
    let (app, contact) = (sim.wecom_app(), sim.wecom_contact());
    let account = json!({"corp_id": app.corp_id(), "secret": app.secret(),
        "agent_id": app.agent_id().to_string(), "base_url": sim.url()});
    let book = open("wecom_app", &account);
    app.add_mobile("13800138001", "ada.liu");
    contact.add_email("eve@example.com", "eve.wu");
    let by = By::Phone("+8613800138001");
    assert_eq!(found(&book, by).await.as_deref(), Some("ada.liu"));
    let by = By::Email("eve@example.com");
    assert_eq!(found(&book, by).await.as_deref(), Some("eve.wu"));
    assert_eq!(found(&book, By::Phone("13800138009")).await, None);
    assert_eq!(found(&book, By::Email("no@example.com")).await, None);
    for (status, standing) in [
        (2, Standing::Disabled),
        (4, Standing::Inactive),
        (5, Standing::Left),
        (1, Standing::Active),
    ] {
        contact.set_status("bob", status);
        let said = format!("status {status}");
        assert_eq!(stands(&book, "bob").await, (standing, said));
    }
    contact.delete("cai");
    assert_eq!(stands(&book, "cai").await.0, Standing::Gone);
    contact.hide("dan");
    let (kind, fix) = silent(&book, "dan").await;
    assert!(
        kind == ErrorKind::Misconfigured && fix.contains("可见范围"),
        "{fix}"
    );
    // A token that is stale, which nobody could know before, is renewed at once.
    app.expire_tokens();
    assert_eq!(stands(&book, "ada.liu").await.0, Standing::Active);
}

#[tokio::test]
async fn dingtalk_tells_who_is_there_and_somebody_out_of_scope_says_nothing() {
    let sim = Simulator::start().await.expect("a simulator");
    let org = &sim.dingtalk_app().org;
    let token = &sim.dingtalk_app().token;
    let account = json!({"client_id": token.client_id(), "client_secret": token.client_secret(),
        "base_url": sim.url()});
    let book = open("dingtalk_app", &account);
    org.set_people(&["ada", "bob", "dan"]);
    org.set_mobile("13800138001", "ada");
    let by = By::Phone("+8613800138001");
    assert_eq!(found(&book, by).await.as_deref(), Some("ada"));
    assert_eq!(found(&book, By::Phone("13800138009")).await, None);
    let by_email = book.find(By::Email("ada@example.com"), NOW).await;
    assert_eq!(
        by_email.expect_err("not asked").kind,
        ErrorKind::Unsupported
    );
    assert_eq!(stands(&book, "ada").await.0, Standing::Active);
    org.set_inactive("bob");
    assert_eq!(stands(&book, "bob").await.0, Standing::Inactive);
    assert_eq!(stands(&book, "cai").await.0, Standing::Gone);
    org.hide("dan");
    let error = book.standing("dan", NOW).await.expect_err("no answer");
    assert!(
        error.detail.contains("50002") && error.fix.contains("可使用范围"),
        "{error:?}"
    );
}

#[tokio::test]
async fn feishu_tells_who_is_there_only_with_the_right_to_see_it() {
    let sim = Simulator::start().await.expect("a simulator");
    let (token, contact) = (&sim.feishu_app().token, &sim.feishu_app().contact);
    let account = json!({"app_id": token.app_id(), "app_secret": token.app_secret(),
        "base_url": sim.url()});
    let book = open("feishu_app", &account);
    contact.add_person("13800138001", "ou_ada");
    contact.add_person("eve@example.com", "ou_eve");
    let by = By::Phone("+8613800138001");
    assert_eq!(found(&book, by).await.as_deref(), Some("ou_ada"));
    let by = By::Email("eve@example.com");
    assert_eq!(found(&book, by).await.as_deref(), Some("ou_eve"));
    assert_eq!(found(&book, By::Phone("13800138009")).await, None);
    assert_eq!(stands(&book, "ou_ada").await.0, Standing::Active);
    assert_eq!(
        stands(&book, "9dfa1").await.0,
        Standing::Active,
        "a user id"
    );
    contact.set_status("ou_bob", "is_resigned");
    assert_eq!(stands(&book, "ou_bob").await.0, Standing::Left);
    contact.set_status("ou_cai", "is_frozen");
    assert_eq!(stands(&book, "ou_cai").await.0, Standing::Disabled);
    contact.set_status("ou_fay", "gone");
    assert_eq!(stands(&book, "ou_fay").await.0, Standing::Gone);
    contact.hide("ou_dan");
    let (kind, fix) = silent(&book, "ou_dan").await;
    assert!(
        kind == ErrorKind::Misconfigured && fix.contains("权限范围"),
        "{fix}"
    );
    contact.set_lacking_employee(true);
    let (kind, fix) = silent(&book, "ou_bob").await;
    assert_eq!(kind, ErrorKind::Misconfigured);
    assert!(fix.contains("contact:user.employee:readonly"), "{fix}");
}

#[tokio::test]
async fn slack_tells_who_is_there_and_a_missing_scope_says_nothing() {
    let sim = Simulator::start().await.expect("a simulator");
    let (bot, users) = (sim.slack_bot(), sim.slack_users());
    let account = json!({"token": bot.token(), "base_url": bot.api_url()});
    let book = open("slack_bot", &account);
    users.add_email("ada@example.com", "U0ADA");
    let by = By::Email("ada@example.com");
    assert_eq!(found(&book, by).await.as_deref(), Some("U0ADA"));
    assert_eq!(found(&book, By::Email("no@example.com")).await, None);
    assert_eq!(stands(&book, "U0ADA").await.0, Standing::Active);
    users.delete("U0BOB");
    assert_eq!(stands(&book, "U0BOB").await.0, Standing::Left);
    users.forget("U0CAI");
    assert_eq!(stands(&book, "U0CAI").await.0, Standing::Gone);
    users.set_lacking(Some("users:read"));
    let (kind, fix) = silent(&book, "U0ADA").await;
    assert!(
        kind == ErrorKind::Misconfigured && fix.contains("users:read"),
        "{fix}"
    );
    let lost = book.find(By::Email("ada@example.com"), NOW).await;
    assert_eq!(lost.expect_err("no answer").kind, ErrorKind::Misconfigured);
}
