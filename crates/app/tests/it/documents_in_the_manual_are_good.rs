//! Every configuration that the README, the manual, the pages for those who come from an older service and the packaging
//! show is one that the binary takes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a document of the manual may leave out.
const REST: [(&str, &str); 2] = [
    ("route:", "route: {receiver: inbox}\n"),
    (
        "receivers:",
        "receivers: [{name: inbox, inbox_configs: [{}]}]\n",
    ),
];

/// A document, and where it is shown.
struct Example {
    place: String,
    text: String,
}

#[test]
fn documents_in_the_manual_are_good() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut examples = Vec::new();
    for name in ["README.md", "README.zh-CN.md"] {
        let shown = shown_in(&root.join(name));
        examples.extend(shown.into_iter().filter(|e| e.text.contains("route:")));
    }
    for folder in ["docs/manual", "docs/migrate"] {
        for page in pages(&root.join(folder)) {
            examples.extend(shown_in(&page).into_iter().map(whole));
        }
    }
    assert!(examples.len() > 20, "only {} examples", examples.len());
    let packaged = root.join("packaging/balefire.example.yml");
    examples.push(Example {
        place: packaged.display().to_string(),
        text: read(&packaged),
    });
    let problems: Vec<String> = examples.iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the manual's folder");
    let mut pages: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

/// The blocks marked as YAML; those that begin with `# part of …` are other programs'.
fn shown_in(page: &Path) -> Vec<Example> {
    let text = read(page);
    let mut examples = Vec::new();
    // Its first line, what its lines begin with in a numbered list, and the block.
    let mut block: Option<(usize, &str, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match &mut block {
            None => {
                if let Some(indent) = line.strip_suffix("```yaml") {
                    block = Some((number + 2, indent, String::new()));
                }
            }
            Some((_, indent, text)) if line.trim_start() != "```" => {
                text.push_str(line.strip_prefix(*indent).unwrap_or(line));
                text.push('\n');
            }
            Some(_) => {
                let (first, _, text) = block.take().expect("a block");
                if !text.starts_with("# part of ") {
                    let place = format!("{}:{first}", page.display());
                    examples.push(Example { place, text });
                }
            }
        }
    }
    assert!(
        block.is_none(),
        "{}: a block without an end",
        page.display()
    );
    examples
}

/// The example with what every document must have.
fn whole(mut example: Example) -> Example {
    for (key, line) in REST {
        if !example.text.lines().any(|line| line.starts_with(key)) {
            example.text.push_str(line);
        }
    }
    example
}

/// What `balefire check` says against it.
fn problem(example: &Example) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let text = example.text.replace("${file:/etc/balefire/", "${file:");
    for name in files(&text) {
        std::fs::write(folder.path().join(name), "a-secret-of-sixteen").expect("a secret's file");
    }
    let file = folder.path().join("balefire.yml");
    std::fs::write(&file, &text).expect("the document");
    let variables: BTreeMap<&str, &str> = named(&text, "${env:", '}')
        .map(|name| (name, value_of(name)))
        .collect();
    let checked = Command::new(env!("CARGO_BIN_EXE_balefire"))
        .arg("check")
        .arg(&file)
        .envs(variables)
        .output()
        .expect("balefire check");
    let words = String::from_utf8_lossy(&checked.stderr).into_owned();
    (!checked.status.success()).then(|| format!("{}:\n{words}", example.place))
}

/// The files it reads from its own folder.
fn files(text: &str) -> Vec<&str> {
    let keys = named(text, "_file: ", '\n').map(|name| {
        let end = name.find([',', '}', ' ']).unwrap_or(name.len());
        name[..end].trim_matches('"')
    });
    let references = named(text, "${file:", '}');
    let all = keys.chain(references);
    all.filter(|name| !name.starts_with('/') && !name.starts_with('$'))
        .collect()
}

/// What stands between each `before` and the next `after`.
fn named<'t>(text: &'t str, before: &'t str, after: char) -> impl Iterator<Item = &'t str> {
    text.match_indices(before).filter_map(move |(at, _)| {
        let rest = &text[at + before.len()..];
        rest.split(after).next()
    })
}

/// Something that passes for a variable of this name.
fn value_of(name: &str) -> &'static str {
    if name.ends_with("_URL") || name.ends_with("WEBHOOK") || name == "SLACK_OPS" {
        "https://hooks.example.com/robot/send?access_token=0123456789abcdef"
    } else if name == "SMSC_PASSWORD" {
        // SMPP has eight bytes for it.
        "s3cretpw"
    } else {
        "SEC0123456789abcdef"
    }
}
