//! `docs/reference.md` and the pages of channels: every key of the configuration, from the binary's own JSON Schema, so that the
//! page cannot say anything else than the program.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::channel_pages;
use crate::pages::{Page, balefire};
use crate::process::say;
use crate::source_pages;

const PAGE: &str = "docs/reference.md";

const HEAD: &str = "\
# Configuration reference

Made by `cargo xtask reference` from `balefire config schema`; CI fails when it is stale. What the
sections are for, with examples: [configuration.md](manual/configuration.md).

A *secret* is never shown again: not by the API, the console, `config show` or the logs. Every value
may come from the environment or a file: `${env:NAME}`, `${file:PATH}`.
";

/// Writes this page and those of each kind of source and channel; with `check`, only says whether they are what would be written.
pub(crate) fn run(check: bool) -> Result<()> {
    let schema = balefire(&["config", "schema"])?;
    let (path, text) = (PAGE.to_owned(), page(&schema)?);
    let mut pages = vec![Page { path, text }];
    pages.extend(source_pages::pages()?);
    pages.extend(channel_pages::pages(&schema)?);
    let count = pages.len();
    for page in pages {
        page.settle(check)?;
    }
    say(&format!("== the reference is up to date, {count} pages"));
    Ok(())
}

/// The table of the keys that one of several has beyond those that all have.
pub(crate) fn own_table(page: &mut String, one: &Value, all: &[&Value]) -> Result<()> {
    let common = common(all);
    let own = keys(one).context("no keys")?;
    own_keys(page, one, &part(own, |key| !common.contains(&key)))
}

fn page(schema: &Value) -> Result<String> {
    let mut page = HEAD.to_owned();
    let sections = keys(schema).context("the schema has no sections")?;
    let shared = &schema["$defs"];
    page.push_str("\n## The document\n");
    table(&mut page, schema, sections)?;
    for (name, section) in sections {
        match name.as_str() {
            "accounts" => kinds(&mut page, "accounts", &shared["account"])?,
            "sources" => kinds(&mut page, "sources", &shared["source"])?,
            "receivers" => receivers(&mut page, &shared["receiver"])?,
            "route" => record(&mut page, "route", &shared["route"])?,
            _ => record(&mut page, name, section)?,
        }
    }
    record(&mut page, "http_config", &shared["http_config"])?;
    Ok(page)
}

/// A section with known keys, and those below it; others have been told in the line above them.
fn record(page: &mut String, name: &str, node: &Value) -> Result<()> {
    let Some(found) = keys(node) else {
        return Ok(());
    };
    let (found, node) = found_at(found, node);
    writeln!(page, "\n## `{name}`")?;
    table(page, node, found)?;
    below(page, found, name)
}

/// The tables of the keys that are mappings or lists of mappings themselves.
fn below(page: &mut String, found: &Map<String, Value>, name: &str) -> Result<()> {
    for (key, value) in found {
        let Some(inner) = keys(value) else { continue };
        let (inner, node) = found_at(inner, value);
        writeln!(page, "\n### `{name}.{key}`")?;
        table(page, node, inner)?;
        below(page, inner, &format!("{name}.{key}"))?;
    }
    Ok(())
}

/// Accounts or sources: what all kinds have, then each kind's own keys.
fn kinds(page: &mut String, name: &str, node: &Value) -> Result<()> {
    let variants: Vec<&Value> = node["oneOf"].as_array().into_iter().flatten().collect();
    let common = common(&variants);
    writeln!(
        page,
        "\n## `{name}`\n\nEach by its name, with the keys of its kind and these:"
    )?;
    let first = variants.first().context("no kinds")?;
    let of_all = keys(first).context("a kind without keys")?;
    let of_all = part(of_all, |key| common.contains(&key));
    table(page, first, &of_all)?;
    below(page, &of_all, name)?;
    for variant in variants {
        let kind = variant["properties"]["kind"]["const"].as_str();
        let title = variant["title"].as_str().unwrap_or_default();
        writeln!(page, "\n### kind `{}`: {title}", kind.unwrap_or_default())?;
        let own = keys(variant).context("a kind without keys")?;
        let own = part(own, |key| !common.contains(&key));
        own_keys(page, variant, &own)?;
        below(page, &own, kind.unwrap_or_default())?;
    }
    Ok(())
}

/// Receivers: their own keys, what entries of every list have, then each list's own.
fn receivers(page: &mut String, node: &Value) -> Result<()> {
    let all = keys(node).context("receivers without keys")?;
    let is_list = |key: &str| key.ends_with("_configs");
    let (lists, own) = (part(all, is_list), part(all, |key| !is_list(key)));
    page.push_str("\n## `receivers`\n");
    table(page, node, &own)?;
    let entries: Vec<&Value> = lists.values().map(|list| &list["items"]).collect();
    let common = common(&entries);
    let first = entries.first().context("no lists")?;
    let of_all = keys(first).context("an entry without keys")?;
    page.push_str("\n### Keys of every entry of a `…_configs`\n");
    table(page, first, &part(of_all, |key| common.contains(&key)))?;
    for (name, list) in &lists {
        let entry = &list["items"];
        let own = keys(entry).context("an entry without keys")?;
        writeln!(page, "\n### `{name}`")?;
        own_keys(page, entry, &part(own, |key| !common.contains(&key)))?;
    }
    Ok(())
}

fn own_keys(page: &mut String, node: &Value, own: &Map<String, Value>) -> Result<()> {
    if own.is_empty() {
        page.push_str("\nNo keys of its own.\n");
        return Ok(());
    }
    table(page, node, own)
}

fn part(keys: &Map<String, Value>, keep: impl Fn(&str) -> bool) -> Map<String, Value> {
    keys.iter()
        .filter(|(key, _)| keep(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The keys that every one of these has.
fn common<'v>(variants: &[&'v Value]) -> Vec<&'v str> {
    let Some(first) = variants.first().and_then(|first| keys(first)) else {
        return Vec::new();
    };
    let in_all = |key: &str| {
        let mut all = variants.iter();
        all.all(|variant| keys(variant).is_some_and(|keys| keys.contains_key(key)))
    };
    first
        .keys()
        .map(String::as_str)
        .filter(|key| in_all(key))
        .collect()
}

/// Where a mapping may stand at a node: there, in a list, in a mapping with free keys, or in place of a text.
fn mappings(node: &Value) -> [&Value; 4] {
    let (items, free) = (&node["items"], &node["additionalProperties"]);
    [node, items, free, &node["anyOf"][1]]
}

/// The known keys of a mapping, or of the elements of a list or of a mapping with free keys.
fn keys(node: &Value) -> Option<&Map<String, Value>> {
    mappings(node)
        .into_iter()
        .find_map(|node| node["properties"].as_object())
}

/// The same keys with the node they stand at, which says which ones are required.
fn found_at<'v>(
    found: &'v Map<String, Value>,
    node: &'v Value,
) -> (&'v Map<String, Value>, &'v Value) {
    let at = mappings(node)
        .into_iter()
        .find(|node| node["properties"].is_object());
    (found, at.unwrap_or(node))
}

fn table(page: &mut String, node: &Value, keys: &Map<String, Value>) -> Result<()> {
    let required: Vec<&str> = node["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    page.push_str("\n| key | what | default | meaning |\n|---|---|---|---|\n");
    for (key, value) in keys {
        let default = match &value["default"] {
            Value::Null if required.contains(&key.as_str()) => "**required**".to_owned(),
            Value::Null => String::new(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let meaning = value["description"].as_str().unwrap_or_default();
        let meaning = meaning.replace('|', "\\|");
        writeln!(
            page,
            "| `{key}` | {} | {default} | {meaning} |",
            what(value)
        )?;
    }
    Ok(())
}

/// What may stand at a key, in a word or two.
fn what(value: &Value) -> String {
    if let Some(words) = value["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .filter_map(Value::as_str)
            .map(|word| format!("`{word}`"))
            .collect();
        return words.join(", ");
    }
    if value["$ref"].is_string() {
        return "mapping".to_owned();
    }
    let secret = value["writeOnly"] == true;
    if value["format"] == "uri" {
        return if secret { "URL, secret" } else { "URL" }.to_owned();
    }
    if secret {
        return "secret".to_owned();
    }
    let is_zone = value["examples"][0] == "Asia/Shanghai";
    let either = value["anyOf"][0]
        .as_object()
        .map_or(value, |_| &value["anyOf"][0]);
    if let (Some(least), Some(most)) = (either["minimum"].as_i64(), either["maximum"].as_i64()) {
        return match most {
            i64::MAX => format!("number from {least}"),
            _ => format!("{least} to {most}"),
        };
    }
    let is = |word: &str| {
        let kind = &value["type"];
        kind == word
            || kind
                .as_array()
                .is_some_and(|kinds| kinds.contains(&word.into()))
    };
    let word = match () {
        () if is_zone => "time zone",
        () if value["anyOf"][1]["type"] == "array" => "text or list",
        () if value["anyOf"][1]["type"] == "object" => "text or mapping",
        () if is("array") => "list",
        () if is("object") => "mapping",
        () if value["pattern"].is_string() && is("integer") => "duration",
        () if is("string") || value["const"].is_string() => "text",
        () if is("boolean") || either["type"][0] == "boolean" => "true or false",
        () => "any",
    };
    word.to_owned()
}
