//! Which crate may name which, and which outside crate is named where.

use anyhow::Result;

use super::Findings;
use super::manifests::metadata;
use super::source::Tree;

/// Each crate with the crates of ours it may depend on. Nothing points upwards.
const ALLOWED: &[(&str, &[&str])] = &[
    ("balefire-core", &[]),
    ("balefire-gotemplate", &[]),
    (
        "balefire-template",
        &["balefire-core", "balefire-gotemplate"],
    ),
    ("balefire-sources", &["balefire-core"]),
    ("balefire-channels", &["balefire-core"]),
    ("balefire-store", &["balefire-core"]),
    ("balefire-testkit", &["balefire-core"]),
    (
        "balefire-config",
        &[
            "balefire-core",
            "balefire-channels",
            "balefire-sources",
            "balefire-template",
        ],
    ),
    (
        "balefire-engine",
        &[
            "balefire-core",
            "balefire-channels",
            "balefire-sources",
            "balefire-template",
            "balefire-store",
            "balefire-config",
        ],
    ),
    (
        "balefire-web",
        &[
            "balefire-core",
            "balefire-channels",
            "balefire-sources",
            "balefire-template",
            "balefire-store",
            "balefire-config",
            "balefire-engine",
        ],
    ),
    (
        "balefire",
        &[
            "balefire-core",
            "balefire-channels",
            "balefire-sources",
            "balefire-template",
            "balefire-store",
            "balefire-config",
            "balefire-engine",
            "balefire-web",
            "balefire-testkit",
        ],
    ),
    ("xtask", &[]),
];

/// A word that only some folders or files may use, with the reason.
const KEPT: &[(&str, &[&str], &str)] = &[
    ("sqlx::", &["crates/store/"], "all SQL lives in the store"),
    (
        "reqwest::",
        &["crates/channels/src/http/", "crates/app/"],
        "one guarded client makes all calls",
    ),
    (
        "std::env::var",
        &["crates/app/", "xtask/"],
        "only the binary reads the environment",
    ),
    (
        "tokio::spawn(",
        // The store's writer is the one task below the engine; its end is awaited by the store's close.
        &[
            "crates/testkit/",
            "crates/app/",
            "crates/store/src/writer/task.rs",
        ],
        "tasks are tracked, so that a stop waits for them",
    ),
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    let arrows = arrows(tree)?;
    for (from, to) in &arrows {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == from) else {
            findings.problems.push(format!(
                "{from} is not in the table of crates (xtask/src/tidy/direction.rs)"
            ));
            continue;
        };
        if !allowed.contains(&to.as_str()) {
            findings.problems.push(format!(
                "{from} must not depend on {to}: the arrow points the wrong way"
            ));
        }
    }
    findings.figures.push(format!(
        "dependency direction: {} arrows between our crates",
        arrows.len()
    ));
    for file in tree
        .files
        .iter()
        .filter(|file| !file.is_test() && !file.path.starts_with("xtask/"))
    {
        for (word, homes, why) in KEPT {
            let here = homes.iter().any(|home| file.path.starts_with(home));
            let used = file
                .code()
                .lines()
                .any(|line| !line.trim_start().starts_with("//") && line.contains(word));
            if used && !here {
                findings
                    .problems
                    .push(format!("{} names {word}: {why}", file.path));
            }
        }
    }
    Ok(())
}

/// The normal (not test) dependencies between our crates, as cargo sees them.
fn arrows(tree: &Tree) -> Result<Vec<(String, String)>> {
    let metadata = metadata(tree)?;
    let mut arrows = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let from = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            if dependency["kind"].is_null() && to.starts_with("balefire") {
                arrows.push((from.to_owned(), to.to_owned()));
            }
        }
    }
    Ok(arrows)
}
