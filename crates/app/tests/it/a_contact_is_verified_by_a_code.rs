//! A code that came by one of a person's ways shows that they are reached there; another address is unverified again.

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::simulator;

fn document(sim: &Simulator, phone: &str) -> String {
    let twilio = &sim.phones().twilio;
    format!(
        "accounts:
  sms: {{kind: twilio_sms, base_url: \"{}\", account_sid: {}, auth_token: {}, from: \"{}\"}}
people: {{ada: {{name: Ada, phone: '{phone}'}}}}
receivers: [{{name: ops, inbox_configs: [{{}}]}}]
route: {{receiver: ops}}
legacy: {{autocall: {{}}}}
",
        sim.url(),
        twilio.sid(),
        twilio.token(),
        twilio.number(),
    )
}

/// How Ada's way stands.
async fn stands(node: &Node, way: &str) -> Value {
    let people = ask::get(node, "/api/v1/people").await;
    let contacts = people["people"][0]["contacts"].as_array().expect("a list");
    let found = contacts.iter().find(|contact| contact["way"] == way);
    found.expect("the way").clone()
}

async fn confirm(node: &Node, code: &str) -> ask::Answer {
    let path = "/api/v1/people/ada/contacts/sms/confirm";
    ask::post(node, path, ask::JSON, json!({"code": code}).to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_the_code_is_reached_until_the_address_changes() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "13800138001")).await;
    let url = node.url("");
    let run = async |arguments: &[&str]| balefire(&url, arguments).await;
    assert_eq!(stands(&node, "sms").await["verified"], false);
    let doctor = run(&["doctor"]).await;
    assert!(doctor.data.contains("ada by sms"), "{}", doctor.data);
    assert_eq!(confirm(&node, "123456").await.0, 409, "no code is out");
    run(&["people", "verify", "ada", "sms"]).await.exits(0);
    run(&["people", "verify", "bob", "sms"]).await.exits(3);
    let again = ask::post(
        &node,
        "/api/v1/people/ada/contacts/sms/verify",
        ask::JSON,
        "",
    )
    .await;
    assert_eq!(again.0, 429, "a minute apart");
    let text = eventually("the code", async || {
        let received = sim.phones().twilio.received();
        received.first().map(balefire_testkit::Received::text)
    })
    .await;
    let digits = |text: &str| {
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        runs.find(|run| run.len() == 6).map(str::to_owned)
    };
    let form = reqwest::Url::parse(&format!("http://h/?{text}")).expect("a form");
    let body = form.query_pairs().find(|(name, _)| name == "Body");
    let code = digits(&body.expect("a body").1).expect("a code");
    let other = if code == "000000" { "000001" } else { "000000" };
    let (status, wrong) = confirm(&node, other).await;
    assert!(
        status == 422 && wrong["detail"].to_string().contains("left: 4"),
        "{wrong}"
    );
    // The console's form says the same code.
    let (_, page) = ask::answer(node.client.get(node.url("/people"))).await;
    let page = page.to_string();
    assert!(
        page.contains("13800138001") && page.contains("Confirm"),
        "{page}"
    );
    let form = node
        .client
        .post(node.url("/console/people/confirm?person=ada&way=sms"));
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let (status, page) = ask::answer(form.body(format!("code={code}"))).await;
    assert!(
        status == 200 && !page.to_string().contains("Confirm"),
        "{page}"
    );
    assert_eq!(stands(&node, "sms").await["verified"], true);
    assert_eq!(confirm(&node, &code).await.0, 409, "once");
    node.kill().await;

    let node = Node::start(folder.path(), &document(&sim, "13800138002")).await;
    assert_eq!(stands(&node, "sms").await["verified"], false);
    node.kill().await;
    let node = Node::start(folder.path(), &document(&sim, "13800138001")).await;
    assert_eq!(stands(&node, "sms").await["verified"], true);
    node.kill().await;
}
