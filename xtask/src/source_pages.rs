//! `docs/sources/`: a page for each kind of source, from what the binary says of itself.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::pages::{Page, balefire};

const FOLDER: &str = "docs/sources";

/// Every page, and their list.
pub(crate) fn pages() -> Result<Vec<Page>> {
    let kinds = balefire(&["sources", "--json"])?;
    let kinds = kinds.as_array().context("a list of kinds")?;
    let mut list = String::from(
        "# Sources\n\nA page for each kind, with what to paste at the sender's side; made by `cargo xtask reference`. \
         What holds for all of them: [sources.md](../manual/sources.md). With a node's own addresses in place of the example's: \
         `balefire sources setup NAME --config balefire.yml`, or the page *Sources* of the console.\n\n\
         | kind | sender | alerts end |\n|---|---|---|\n",
    );
    let mut pages = Vec::with_capacity(kinds.len() + 1);
    for kind in kinds {
        let (name, title) = (text(kind, "kind"), text(kind, "title"));
        let ends = ends(text(kind, "lifecycle"));
        writeln!(list, "| [`{name}`]({name}.md) | {title} | {ends} |")?;
        pages.push(Page {
            path: format!("{FOLDER}/{name}.md"),
            text: page(kind)?,
        });
    }
    pages.push(Page {
        path: format!("{FOLDER}/README.md"),
        text: list,
    });
    Ok(pages)
}

fn page(kind: &Value) -> Result<String> {
    let (name, title) = (text(kind, "kind"), text(kind, "title"));
    let mut page = format!("# {title}\n\n");
    let ends = ends(text(kind, "lifecycle"));
    let mebibytes = kind["bodyLimit"].as_u64().unwrap_or_default() / 1_048_576;
    writeln!(
        page,
        "Kind `{name}`. Alerts end {ends}, where the payload does not say otherwise. A body has at most {mebibytes} MiB.\n"
    )?;
    if name != "inbox" {
        page.push_str("In the document:\n\n```yaml\nsources:\n");
        writeln!(
            page,
            "  NAME: {{kind: {name}, token: \"${{env:SOURCE_TOKEN}}\"}}\n```\n"
        )?;
    }
    writeln!(page, "## At the sender's side\n\n{}", text(kind, "setup"))?;
    let options = kind["options"].as_array().map_or(&[][..], Vec::as_slice);
    if !options.is_empty() {
        page.push_str("## Keys of its own\n\n| key | default | meaning |\n|---|---|---|\n");
        for option in options {
            let default = match text(option, "default") {
                "" => String::new(),
                default => format!("`{default}`"),
            };
            let doc = text(option, "doc").replace('|', "\\|");
            writeln!(page, "| `{}` | {default} | {doc} |", text(option, "name"))?;
        }
        page.push('\n');
    }
    writeln!(
        page,
        "## Trying it\n\n`balefire sources try {name} < payload.json` shows what would be made of a payload, without a node."
    )?;
    Ok(page)
}

fn ends(lifecycle: &str) -> &'static str {
    match lifecycle {
        "explicit" => "when the sender says so",
        "refreshing" => "when they are not sent again",
        _ => "at once: they are told once",
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
