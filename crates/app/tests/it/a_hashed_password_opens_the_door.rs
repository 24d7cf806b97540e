//! `hash-password`, and `access.users` with what it prints.

use super::command::{command, finish};
use super::node::Node;

#[tokio::test(flavor = "multi_thread")]
async fn a_hashed_password_opens_the_door_and_is_not_one_itself() {
    let hashed = finish(command(&["hash-password"]), "correct-horse\n").await;
    let hash = hashed.exits(0).data.trim_end().to_owned();
    assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
    let folder = tempfile::tempdir().expect("folder");
    let document = format!(
        "access: {{users: {{chen: {{password: '{hash}', scopes: [read]}}}}}}\n\
         receivers: [{{name: inbox, inbox_configs: [{{}}]}}]\nroute: {{receiver: inbox}}\n"
    );
    let node = Node::start(folder.path(), &document).await;
    for (user, password, expected) in [
        ("chen", "correct-horse", 200),
        ("chen", "correct-horse", 200),
        ("chen", "correct-horsf", 401),
        ("chen", hash.as_str(), 401),
        ("nobody", "correct-horse", 401),
    ] {
        let request = node.client.get(node.url("/api/v2/status"));
        let reply = request.basic_auth(user, Some(password)).send().await;
        let status = reply.expect("a reply").status().as_u16();
        assert_eq!(status, expected, "{user} {password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_can_be_guessed_gets_no_hash() {
    let refused = finish(command(&["hash-password"]), "1234567\n")
        .await
        .exits(6);
    assert!(
        refused.words.contains("shorter than 8"),
        "{}",
        refused.words
    );
    assert!(!refused.words.contains("1234567") && refused.data.is_empty());
}
