//! `docs/channels/KIND.md`: one page for each kind of channel, from its spec, its keys in the configuration's schema, the
//! sample and the provider's answers that the conformance suite holds it to, and `crates/channels/setup.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::pages::{Page, printed};
use crate::process::root;
use crate::reference::own_table;

const FOLDER: &str = "docs/channels";
const SETUP: &str = "crates/channels/setup.md";
/// Characters of a provider's answer that a table shows.
const ANSWER: usize = 100;

/// What becomes of a notification, by the kind of the outcome.
const KINDS: &[(&str, &str)] = &[
    ("ok", "taken"),
    ("transient", "tried again"),
    (
        "rate_limited",
        "tried again when the provider allows it; the account slows down",
    ),
    (
        "stale_credential",
        "the token is renewed, then tried again at once",
    ),
    (
        "misconfigured",
        "the account is set up wrongly: tried again for an hour, then a dead letter",
    ),
    (
        "rejected",
        "refused for good: the fallback, or a dead letter",
    ),
    ("unsupported", "refused for good: the channel cannot do it"),
    ("unknown_outcome", "tried again; it may arrive twice"),
];

/// Every page, and their list.
pub(crate) fn pages(schema: &Value) -> Result<Vec<Page>> {
    let kinds = printed(&["-p", "balefire-channels", "--example", "kinds"])?;
    let kinds = kinds.as_array().context("a list of kinds")?;
    let mut setup = setup(&fs::read_to_string(root().join(SETUP)).context(SETUP)?);
    let mut pages = Vec::with_capacity(kinds.len() + 1);
    let mut index = String::from(
        "# Channels\n\nMade by `cargo xtask reference`; CI fails when a page is stale. How they are used: [the manual](../manual/channels.md).\n\n| kind | what | 中文 | buttons | receipts |\n|---|---|---|---|---|\n",
    );
    for kind in kinds {
        let word = |key: &str| kind[key].as_str().unwrap_or_default();
        let name = word("kind");
        let text = setup
            .remove(name)
            .with_context(|| format!("{SETUP} has no part {name}"))?;
        let yes = |key: &str| if kind[key] == true { "yes" } else { "" };
        writeln!(
            index,
            "| [`{name}`]({name}.md) | {} | {} | {} | {} |",
            word("title"),
            word("title_zh"),
            yes("buttons"),
            yes("receipts")
        )?;
        pages.push(Page {
            path: format!("{FOLDER}/{name}.md"),
            text: page(kind, schema, &text)?,
        });
    }
    if let Some(name) = setup.keys().next() {
        bail!("{SETUP}: there is no kind {name}");
    }
    pages.push(Page {
        path: format!("{FOLDER}/README.md"),
        text: index,
    });
    Ok(pages)
}

/// The parts of the page about setting up, by kind.
fn setup(text: &str) -> BTreeMap<String, String> {
    let parts = text.split("\n## ").skip(1);
    let parts = parts.filter_map(|part| part.split_once('\n'));
    parts
        .map(|(name, text)| (name.trim().to_owned(), text.trim().to_owned()))
        .collect()
}

fn page(kind: &Value, schema: &Value, setup: &str) -> Result<String> {
    let word = |key: &str| kind[key].as_str().unwrap_or_default();
    let name = word("kind");
    let mut page = format!(
        "# `{name}`: {} ({})\n\nMade by `cargo xtask reference`. More words: [the manual](../manual/channels.md); every key of the document: [the reference](../reference.md).\n",
        word("title"),
        word("title_zh")
    );
    if word("vendor_page").starts_with("http") {
        writeln!(page, "\nThe vendor's page: <{}>", word("vendor_page"))?;
    }
    writeln!(page, "\n## What to set up\n\n{setup}")?;
    let fixtures = root().join("crates/channels/fixtures").join(name);
    if kind["has_account"] == true {
        let sample = fs::read_to_string(fixtures.join("config.yaml"));
        let sample = sample.with_context(|| format!("the sample of {name}"))?;
        let accounts = schema["$defs"]["account"]["oneOf"].as_array();
        let mut accounts = accounts.into_iter().flatten();
        let account = accounts.find(|one| one["properties"]["kind"]["const"] == name);
        let required = account.and_then(|one| one["required"].as_array());
        let has_own = required.is_some_and(|keys| keys.contains(&"base_url".into()));
        let base = has_own.then(|| format!("    base_url: https://{name}.example.com"));
        example(&mut page, kind, &sample, base)?;
    }
    keys(&mut page, kind, schema)?;
    limits(&mut page, kind)?;
    errors(&mut page, &fixtures)?;
    Ok(page)
}

/// The conformance suite's sample as a document: secrets come from the environment, addresses are the provider's own.
fn example(page: &mut String, kind: &Value, sample: &str, base: Option<String>) -> Result<()> {
    let word = |key: &str| kind[key].as_str().unwrap_or_default();
    let (name, list) = (word("kind"), word("receiver_key"));
    let (account, receiver) = sample
        .split_once("receiver:")
        .context("a sample without receiver")?;
    let account = account
        .split_once("account:")
        .map_or("", |(_, account)| account);
    let mut lines = vec![
        "accounts:".to_owned(),
        "  example:".to_owned(),
        format!("    kind: {name}"),
    ];
    if name == "command" {
        lines.insert(0, "server: {commands: [/usr/local/bin/page]}".to_owned());
    }
    lines.extend(base);
    lines.extend(
        account
            .lines()
            .filter_map(shown)
            .map(|line| format!("  {line}")),
    );
    lines.push("receivers:".to_owned());
    lines.push("- name: inbox".to_owned());
    lines.push(format!("  {list}:"));
    lines.push("  - account: example".to_owned());
    lines.extend(
        receiver
            .lines()
            .filter_map(shown)
            .map(|line| format!("  {line}")),
    );
    writeln!(page, "\n## Example\n\n```yaml\n{}\n```", lines.join("\n"))?;
    Ok(())
}

/// A line of a sample as people would write it; `None` for what only a simulated provider needs.
fn shown(line: &str) -> Option<String> {
    if line.trim() == "{}" {
        return None;
    }
    let Some((key, value)) = line.split_once(": ") else {
        return (!line.trim().is_empty()).then(|| line.to_owned());
    };
    let bare = key.trim().trim_start_matches("- ");
    if value.contains("s3cret") && !value.contains(['{', '['])
        || bare == "url" && value.contains("${PROVIDER}")
    {
        return Some(format!("{key}: \"${{env:{}}}\"", bare.to_uppercase()));
    }
    // Nobody but a simulated provider is reached without TLS.
    if value.contains("${PROVIDER}") || bare == "tls" {
        return None;
    }
    let value = value.replace("${HOST}", "provider.example.com");
    (!value.contains("${PORT}")).then(|| format!("{key}: {value}"))
}

/// The keys of the account and of an entry.
fn keys(page: &mut String, kind: &Value, schema: &Value) -> Result<()> {
    let name = kind["kind"].as_str().unwrap_or_default();
    let accounts = schema["$defs"]["account"]["oneOf"]
        .as_array()
        .into_iter()
        .flatten();
    let accounts: Vec<&Value> = accounts.collect();
    let account = accounts
        .iter()
        .find(|one| one["properties"]["kind"]["const"] == name);
    if let Some(account) = account {
        writeln!(
            page,
            "\n## Keys of the account\n\nBesides those of every account, such as `quotas`, `timeout` and `callback_token`:"
        )?;
        own_table(page, account, &accounts)?;
    }
    let list = kind["receiver_key"].as_str().unwrap_or_default();
    let receiver = &schema["$defs"]["receiver"]["properties"];
    let lists = receiver.as_object().into_iter().flatten();
    let entries: Vec<&Value> = lists
        .filter(|(key, _)| key.ends_with("_configs"))
        .map(|(_, list)| &list["items"])
        .collect();
    let entry = &receiver[list]["items"];
    if entry.is_object() {
        writeln!(
            page,
            "\n## Keys of an entry of `{list}`\n\nBesides those of every entry, such as `account`, `name` and `send_resolved`:"
        )?;
        own_table(page, entry, &entries)?;
    }
    Ok(())
}

fn limits(page: &mut String, kind: &Value) -> Result<()> {
    let word = |key: &str| kind[key].as_str().unwrap_or_default();
    page.push_str("\n## Limits\n\n| what | how much |\n|---|---|\n");
    writeln!(page, "| longest title | {} |", word("longest_title"))?;
    writeln!(
        page,
        "| longest text; what is left out is marked | {} |",
        word("longest_text")
    )?;
    writeln!(page, "| markup | {} |", word("markup"))?;
    writeln!(page, "| most targets of one call | {} |", kind["targets"])?;
    for quota in kind["quotas"].as_array().into_iter().flatten() {
        let penalty = quota["penalty"].as_u64().unwrap_or(0);
        let after = match penalty {
            0 => String::new(),
            seconds => format!("; over it, nothing for {seconds} s"),
        };
        writeln!(
            page,
            "| calls of one account | {} in {} s{after} |",
            quota["calls"], quota["seconds"]
        )?;
    }
    writeln!(
        page,
        "| calls of one account at once | {} |",
        kind["concurrency"]
    )?;
    writeln!(page, "| time of one try | {} s |", kind["timeout"])?;
    let yes = |key: &str| if kind[key] == true { "yes" } else { "no" };
    writeln!(
        page,
        "| an end is told unless `send_resolved` says otherwise | {} |",
        yes("send_resolved")
    )?;
    writeln!(
        page,
        "| buttons to acknowledge, silence and resolve | {} |",
        yes("buttons")
    )?;
    writeln!(
        page,
        "| says afterwards what became of a message | {} |",
        yes("receipts")
    )?;
    Ok(())
}

/// The provider's answers that the conformance suite holds the channel to.
fn errors(page: &mut String, fixtures: &Path) -> Result<()> {
    let Ok(folder) = fs::read_dir(fixtures) else {
        return Ok(());
    };
    let mut rows = BTreeMap::new();
    for file in folder {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let Some(case) = name
            .strip_prefix("reply.")
            .and_then(|name| name.strip_suffix(".json"))
        else {
            continue;
        };
        let reply: Value =
            serde_json::from_str(&fs::read_to_string(file.path())?).context(name.clone())?;
        rows.insert(case.to_owned(), reply);
    }
    if rows.is_empty() {
        return Ok(());
    }
    page.push_str("\n## What the provider's answers mean\n\nThe answers that the tests hold it to; many more codes are known.\n\n| case | answer | outcome | what follows |\n|---|---|---|---|\n");
    for (case, reply) in rows {
        let expect = reply["expect"].as_str().unwrap_or_default();
        let follows = KINDS.iter().find(|(kind, _)| *kind == expect);
        let (_, follows) = follows.with_context(|| format!("{case}: no outcome {expect:?}"))?;
        let case = case.replace('_', " ");
        writeln!(
            page,
            "| {case} | {} | `{expect}` | {follows} |",
            answer(&reply)
        )?;
    }
    Ok(())
}

/// An answer in one cell.
fn answer(reply: &Value) -> String {
    let body = match &reply["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let parts = [
        reply["at"].as_str().unwrap_or_default().to_owned(),
        match reply["status"].as_u64() {
            Some(status) if reply["at"].is_string() => format!("0x{status:02x}"),
            Some(status) => status.to_string(),
            None => String::new(),
        },
        reply["exit"]
            .as_i64()
            .map_or_else(String::new, |code| format!("exit {code}")),
        reply["reply"].as_str().unwrap_or_default().to_owned(),
        body,
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let said = said
        .join(" ")
        .replace(['\n', '\r'], " ")
        .replace('`', "'")
        .replace('|', "\\|");
    let mut short: String = said.chars().take(ANSWER).collect();
    if short.len() < said.len() {
        short.push('…');
    }
    if short.is_empty() {
        String::new()
    } else {
        format!("`{short}`")
    }
}
