//! Apprise's configuration files: the text form of a line each, and the YAML form.
//!
//! <https://github.com/caronc/apprise/wiki/config_text>, <https://github.com/caronc/apprise/wiki/config_yaml>.

use std::collections::{BTreeMap, BTreeSet};

use balefire_config::problem::Findings;
use balefire_config::tree::{self, Node, Shape};

use super::address::Address;

/// A URL of a file with its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tagged {
    /// As it was written.
    pub(super) written: String,
    pub(super) address: Address,
    pub(super) tags: BTreeSet<String>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) urls: Vec<Tagged>,
    /// Lines and keys that nothing was made of.
    pub(super) passed_over: Vec<String>,
}

/// One URL of the command line.
pub(super) fn single(text: &str) -> Option<Tagged> {
    Some(Tagged {
        address: Address::of(text)?,
        written: text.trim().to_owned(),
        tags: BTreeSet::new(),
    })
}

/// A file in either form: YAML when it has a list of `urls`.
pub(super) fn read(text: &str) -> Read {
    let mut findings = Findings::new("apprise");
    match tree::parse(text, &mut findings) {
        Some(root) if root.at("urls").is_some() => of_yaml(&root),
        _ => of_text(text),
    }
}

/// Tags are separated by commas or blanks.
fn tags(text: &str) -> BTreeSet<String> {
    let parts = text.split([',', ' ', '\t']).map(str::trim);
    parts
        .filter(|tag| !tag.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

fn of_text(text: &str) -> Read {
    let mut read = Read::default();
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let (named, rest) = match line.split_once('=') {
            // The = of a query comes behind the schema.
            Some((named, rest)) if !named.contains("://") => (tags(named), rest.trim()),
            _ => (BTreeSet::new(), line),
        };
        match Address::of(rest) {
            Some(address) => read.urls.push(Tagged {
                written: rest.to_owned(),
                address,
                tags: named,
            }),
            None if !named.is_empty() => {
                for group in named {
                    groups.entry(group).or_default().extend(tags(rest));
                }
            }
            None => read.passed_over.push(line.to_owned()),
        }
    }
    grouped(&mut read, &groups);
    read
}

/// A group stands for the URLs of its tags.
fn grouped(read: &mut Read, groups: &BTreeMap<String, BTreeSet<String>>) {
    for (group, members) in groups {
        for url in &mut read.urls {
            if url.tags.iter().any(|tag| members.contains(tag)) {
                url.tags.insert(group.clone());
            }
        }
    }
}

fn of_yaml(root: &Node) -> Read {
    let mut read = Read::default();
    let all = tags_at(root);
    for entry in root.entries() {
        if !matches!(
            entry.key.as_str(),
            "urls" | "tag" | "tags" | "version" | "groups"
        ) {
            read.passed_over.push(entry.key.clone());
        }
    }
    for item in root.at("urls").map(Node::items).unwrap_or_default() {
        match &item.shape {
            Shape::Scalar(_) => add(&mut read, item.text().unwrap_or_default(), None, &all),
            _ => {
                for entry in item.entries() {
                    options(&mut read, &entry.key, &entry.value, &all);
                }
            }
        }
    }
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let node = root.at("groups");
    for list in node
        .into_iter()
        .chain(node.map(Node::items).unwrap_or_default())
    {
        for entry in list.entries() {
            groups
                .entry(entry.key.clone())
                .or_default()
                .extend(words(&entry.value));
        }
    }
    grouped(&mut read, &groups);
    read
}

/// A URL with what stands below it: a mapping is one use of it, a list of mappings several.
fn options(read: &mut Read, url: &str, below: &Node, all: &BTreeSet<String>) {
    match &below.shape {
        Shape::List(uses) => uses.iter().for_each(|one| add(read, url, Some(one), all)),
        Shape::Map(_) => add(read, url, Some(below), all),
        _ => add(read, url, None, all),
    }
}

fn add(read: &mut Read, url: &str, options: Option<&Node>, all: &BTreeSet<String>) {
    let Some(mut address) = Address::of(url) else {
        read.passed_over.push(url.to_owned());
        return;
    };
    let mut tags = all.clone();
    if let Some(options) = options {
        tags.extend(tags_at(options));
        for entry in options.entries() {
            if !matches!(entry.key.as_str(), "tag" | "tags") {
                address.set(&entry.key, &words(&entry.value).join(","));
            }
        }
    }
    read.urls.push(Tagged {
        written: url.to_owned(),
        address,
        tags,
    });
}

fn tags_at(node: &Node) -> BTreeSet<String> {
    let given = ["tag", "tags"].into_iter().filter_map(|key| node.at(key));
    given.flat_map(words).flat_map(|word| tags(&word)).collect()
}

/// The texts of a scalar or a list.
fn words(node: &Node) -> Vec<String> {
    node.texts().into_iter().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(read: &Read) -> Vec<(String, Vec<String>)> {
        let shown = |url: &'_ Tagged| url.written.clone();
        let tags = |url: &'_ Tagged| -> Vec<String> { url.tags.iter().cloned().collect() };
        read.urls
            .iter()
            .map(|url| (shown(url), tags(url)))
            .collect()
    }

    #[test]
    fn lines_of_text_have_tags_groups_and_comments() {
        let read = read(
            "# the team\n\ndevops, ops=discord://1/a\nplain://x?to=1\nall = devops, other\ninclude more.cfg\n",
        );
        let found = shown(&read);
        assert_eq!(
            (&*found[0].0, &*found[1].0),
            ("discord://1/a", "plain://x?to=1")
        );
        assert_eq!(found[0].1, ["all", "devops", "ops"]);
        assert!(found[1].1.is_empty());
        assert_eq!(read.passed_over, ["include more.cfg"]);
    }

    #[test]
    fn yaml_says_tags_and_values_beside_a_url() {
        let text = "version: 1\ntag: team\ninclude: x\nurls:\n  - discord://1/a\n  - mailto://a:b@c.example:\n    - to: d@e.example\n      tag: [night, day]\n    - to: f@e.example\n  - ntfy://topic: {tag: 'x, y'}\n";
        let read = read(text);
        let tags: Vec<String> = shown(&read)
            .into_iter()
            .map(|(_, tags)| tags.join(" "))
            .collect();
        assert_eq!(tags, ["team", "day night team", "team", "team x y"]);
        let mut second = read.urls[1].address.clone();
        assert_eq!(second.targets(0), ["d@e.example"]);
        assert_eq!(read.passed_over, ["include"]);
    }
}
