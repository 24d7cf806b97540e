//! `balefire reminder` against a running node: what is printed for programs, and the exit codes.

use super::stage::{Stage, keys};

const REMINDER: &str = "id name content email ways owner advanceDays expiresAt handledAt handledBy createdAt changedAt";

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_made_changed_tested_and_removed() {
    let stage = Stage::new().await;
    let add = [
        "reminder",
        "add",
        "SSL 证书",
        "--expires",
        "2098-12-31 10:00",
        "--advance",
        "30",
    ];
    let nobody = stage.run(&add).await.exits(6);
    assert!(
        nobody.words.contains("email: somebody has to be told"),
        "{}",
        nobody.words
    );
    let with = |more: &[&'static str]| [&add[..], more].concat();
    let typo = stage.run(&with(&["--receiver", "opps"])).await.exits(6);
    assert!(
        typo.words.contains("did you mean \"ops\""),
        "{}",
        typo.words
    );
    let steers = r#"hook={"url": "http://10.0.0.1"}"#;
    let refused = stage.run(&with(&["--account", steers])).await.exits(6);
    assert!(
        refused.words.contains("only the configuration may"),
        "{}",
        refused.words
    );

    let made = stage
        .run(&with(&["--receiver", "ops", "--json"]))
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&made), format!("{REMINDER} nextToldAt told"));
    assert_eq!(made["expiresAt"], "2098-12-31T10:00:00.000Z");
    assert_eq!(made["nextToldAt"], "2098-12-01T09:00:00.000Z");
    assert_eq!(made["ways"], serde_json::json!([{"receiver": "ops"}]));
    let id = made["id"].to_string();
    stage.run(&with(&["--receiver", "ops"])).await.exits(5);

    let listed = stage
        .run(&["reminder", "list", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&listed[0]), REMINDER);
    let table = stage
        .run(&["reminder", "list", "--search", "ssl"])
        .await
        .exits(0)
        .data;
    assert!(
        table.contains("SSL 证书") && table.contains("ops"),
        "{table}"
    );
    stage.run(&["reminder", "test", &id]).await.exits(0);
    let tested = stage.sim.requests().pop().expect("a request").json();
    assert!(tested.to_string().contains("SSL 证书"), "{tested}");

    let edit = [
        "reminder",
        "edit",
        &id,
        "--name",
        "域名",
        "--expires",
        "2099-01-01T00:00:00Z",
    ];
    stage.run(&edit).await.exits(0);
    let shown = stage
        .run(&["reminder", "show", &id, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        (&shown["name"], &shown["advanceDays"]),
        (&"域名".into(), &30.into())
    );
    assert_eq!(shown["nextToldAt"], "2098-12-02T09:00:00.000Z");
    assert_eq!(shown["told"], serde_json::json!([]), "a test is no stage");

    let handled = ["reminder", "handled", &id, "--by", "chen"];
    let said = stage.run(&handled).await.exits(0).words;
    assert!(said.contains("nothing more is told"), "{said}");
    let table = stage.run(&["reminder", "list"]).await.exits(0);
    assert!(table.words.contains("no reminders"), "{}", table.words);
    let table = stage
        .run(&["reminder", "list", "--handled"])
        .await
        .exits(0)
        .data;
    assert!(table.contains("chen"), "{table}");
    stage
        .run(&["reminder", "handled", &id, "--undo"])
        .await
        .exits(0);
    let table = stage.run(&["reminder", "show", &id]).await.exits(0).data;
    assert!(table.contains("2098-12-02"), "{table}");

    stage.run(&["reminder", "delete", &id]).await.exits(0);
    for gone in [
        vec!["reminder", "show", &id],
        vec!["reminder", "delete", &id],
        vec!["reminder", "test", &id],
        vec!["reminder", "handled", &id, "--by", "chen"],
        vec!["reminder", "edit", &id, "--advance", "3"],
    ] {
        stage.run(&gone).await.exits(3);
    }
}
