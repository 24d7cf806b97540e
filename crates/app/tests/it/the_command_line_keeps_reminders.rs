//! `balefire reminder` against a running node: what is printed for programs, and the exit codes.

use super::stage::{Stage, keys};

const REMINDER: &str = "id name content email ways owner advanceDays expiresAt handledAt handledBy createdAt changedAt";

const ADD: [&str; 7] = [
    "reminder",
    "add",
    "SSL 证书",
    "--expires",
    "2098-12-31 10:00",
    "--advance",
    "30",
];

fn add(more: &[&'static str]) -> Vec<&'static str> {
    [&ADD[..], more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_nobody_would_be_told_of_is_refused() {
    let stage = Stage::new().await;
    let nobody = stage.run(&ADD).await.exits(6).words;
    assert!(
        nobody.contains("email: somebody has to be told"),
        "{nobody}"
    );
    let typo = add(&["--receiver", "opps"]);
    let typo = stage.run(&typo).await.exits(6).words;
    assert!(typo.contains("did you mean \"ops\""), "{typo}");
    let steers = add(&["--account", r#"hook={"url": "http://10.0.0.1"}"#]);
    let refused = stage.run(&steers).await.exits(6).words;
    assert!(refused.contains("only the configuration may"), "{refused}");
    stage.run(&add(&["--account", "hook={"])).await.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_made_shown_changed_and_tested() {
    let stage = Stage::new().await;
    let json = add(&["--receiver", "ops", "--json"]);
    let made = stage.run(&json).await.exits(0).json();
    assert_eq!(keys(&made), format!("{REMINDER} nextToldAt told"));
    assert_eq!(made["expiresAt"], "2098-12-31T10:00:00.000Z");
    assert_eq!(made["nextToldAt"], "2098-12-01T09:00:00.000Z");
    assert_eq!(made["ways"], serde_json::json!([{"receiver": "ops"}]));
    let id = made["id"].to_string();
    stage.run(&add(&["--receiver", "ops"])).await.exits(5);

    let list = ["reminder", "list", "--json"];
    let listed = stage.run(&list).await.exits(0).json();
    assert_eq!(keys(&listed[0]), REMINDER);
    let search = ["reminder", "list", "--search", "ssl"];
    let table = stage.run(&search).await.exits(0).data;
    assert!(
        table.contains("SSL 证书") && table.contains("ops"),
        "{table}"
    );
    stage.run(&["reminder", "test", &id]).await.exits(0);
    let tested = stage.sim.requests().pop().expect("a request").json();
    assert!(tested.to_string().contains("SSL 证书"), "{tested}");

    let expires = "2099-01-01T00:00:00Z";
    let edit = [
        "reminder",
        "edit",
        &id,
        "--name",
        "域名",
        "--expires",
        expires,
    ];
    stage.run(&edit).await.exits(0);
    let show = ["reminder", "show", &id, "--json"];
    let shown = stage.run(&show).await.exits(0).json();
    assert_eq!(
        (&shown["name"], &shown["advanceDays"]),
        (&"域名".into(), &30.into())
    );
    assert_eq!(shown["nextToldAt"], "2098-12-02T09:00:00.000Z");
    assert_eq!(shown["told"], serde_json::json!([]), "a test is no stage");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_to_leaves_the_list_and_what_was_removed_is_gone() {
    let stage = Stage::new().await;
    let made = stage.run(&add(&["--receiver", "ops"])).await.exits(0);
    let id = made.data.trim().to_owned();
    let handled = ["reminder", "handled", &id, "--by", "chen"];
    let said = stage.run(&handled).await.exits(0).words;
    assert!(said.contains("nothing more is told"), "{said}");
    let open = stage.run(&["reminder", "list"]).await.exits(0).words;
    assert!(open.contains("no reminders"), "{open}");
    let seen = ["reminder", "list", "--handled"];
    let table = stage.run(&seen).await.exits(0).data;
    assert!(table.contains("chen"), "{table}");
    let undo = ["reminder", "handled", &id, "--undo"];
    stage.run(&undo).await.exits(0);
    let table = stage.run(&["reminder", "show", &id]).await.exits(0).data;
    assert!(
        table.contains("told next") && table.contains("2098-12-01"),
        "{table}"
    );

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
