//! The sources by our interface and on their page: where senders send to, and what to paste there.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use serde_json::json;

use crate::site::Site;

const DOCUMENT: &str = "\
server: {external_url: \"https://alerts.example.com/fire\"}
access: {rules: [{path: /, token: false}]}
sources:
  shop: {kind: grafana, token: a-token-nobody-guesses, labels: {team: \"<shop>\"}}
  notes: {kind: text}
receivers: [{name: ops}]
route: {receiver: ops}
";

async fn start() -> Site {
    Site::with(DOCUMENT, Arc::new(SystemClock)).await
}

#[tokio::test]
async fn a_source_is_shown_with_its_address_and_never_with_its_token() {
    let site = start().await;
    let listed = site.get("/api/v1/sources").await;
    let json = listed.json();
    assert_eq!(json["sources"][0]["name"], "notes", "{json}");
    assert_eq!(
        json["sources"][1]["address"],
        "https://alerts.example.com/fire/in/shop/TOKEN"
    );
    assert_eq!(json["sources"][1]["labels"], json!({"team": "<shop>"}));
    let kinds = json["kinds"].as_array().expect("kinds");
    let grafana = kinds.iter().find(|kind| kind["kind"] == "grafana");
    assert_eq!(grafana.map(|kind| &kind["sources"]), Some(&json!(1)));

    let one = site.get("/api/v1/sources/shop").await;
    let setup = one.json()["setup"].as_str().unwrap_or_default().to_owned();
    assert!(
        setup.contains("url: https://alerts.example.com/fire/in/shop/TOKEN"),
        "{setup}"
    );
    for answer in [&listed.text, &one.text] {
        assert!(!answer.contains("nobody-guesses"), "{answer}");
    }
    let none = site.get("/api/v1/sources/nope").await;
    assert_eq!(none.status, 404);
    assert!(none.text.contains("nope"), "{}", none.text);
    assert_eq!(site.get("/api/v1/sources?x=1").await.status, 400);
}

#[tokio::test]
async fn the_page_of_sources_says_what_to_paste_in_both_languages() {
    let site = start().await;
    for (address, words) in [
        ("/sources?lang=en", "What to do at the sender"),
        ("/sources?lang=zh", "发送方如何设置"),
    ] {
        let page = site.get(address).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let parts = [
            words,
            "https://alerts.example.com/fire/in/shop/TOKEN",
            "contactPoints:",
            "&lt;shop&gt;",
        ];
        for part in parts {
            let shown = page.text.replace("&#x2f;", "/");
            assert!(shown.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("nobody-guesses"));
    }
}
