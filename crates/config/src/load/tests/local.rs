use super::*;

fn document(commands: &str, account: &str) -> String {
    format!(
        "server: {{commands: {commands}}}\naccounts: {{page: {account}}}\n\
         receivers: [{{name: ops, command_configs: [{{account: page}}]}}]\nroute: {{receiver: ops}}\n"
    )
}

#[test]
fn only_commands_of_the_documents_own_list_are_run() {
    let account = "{kind: command, command: /usr/local/bin/page, arguments: [--quiet]}";
    let loaded = good(&document("[/usr/local/bin/page]", account));
    assert_eq!(loaded.summary.integrations, 1);
    for list in ["[]", "[/usr/local/bin]", "[/usr/local/bin/pager]"] {
        let told = bad(&document(list, account));
        assert!(
            told.contains("accounts.page.command") && told.contains("server.commands"),
            "{told}"
        );
    }
    let told = bad(&document("[page, /usr/../bin/page]", account));
    assert!(
        told.contains("server.commands[0]") && told.contains("server.commands[1]"),
        "{told}"
    );
    let told = bad(
        "accounts: {page: {kind: command, command: /bin/true}}\nroute: {receiver: a}\nreceivers: [{name: a}]\n",
    );
    assert!(told.contains("server.commands"), "{told}");
}

#[test]
fn the_template_of_a_body_is_read_with_the_document() {
    let with = |body: &str| {
        format!(
            "accounts: {{gw: {{kind: http, url: 'http://127.0.0.1:1/', body: {body}}}}}\n\
             receivers: [{{name: ops, http_configs: [{{account: gw, params: {{to: '1'}}}}]}}]\nroute: {{receiver: ops}}\n"
        )
    };
    let loaded = good(&with(
        "'{\"text\": \"{{ title }}\", \"to\": \"{{ params.to }}\"}'",
    ));
    assert_eq!(loaded.warnings, []);
    let told = bad(&with("'{{ title'"));
    assert!(
        told.contains("accounts.gw.body") && told.contains("line 1"),
        "{told}"
    );
    let warned = good(&with("'{{ titel }}'")).warnings;
    assert!(lines(&warned).contains("titel"), "{warned:?}");
}

#[test]
fn headers_of_a_request_are_never_shown() {
    let loaded = good(
        "accounts: {gw: {kind: http, url: 'http://127.0.0.1:1/s3cret', headers: {X-Key: s3cret}, body: x, format: text}}\n\
         receivers: [{name: ops, http_configs: [{account: gw}]}]\nroute: {receiver: ops}\n",
    );
    assert!(
        !loaded.plan.redacted_yaml.contains("s3cret"),
        "{}",
        loaded.plan.redacted_yaml
    );
}
