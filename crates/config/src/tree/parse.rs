//! YAML events to a tree, within bounds.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, Tag};

use super::{Entry, Node, Scalar, Shape};
use crate::problem::{Findings, Path, Place};

/// Bytes of the largest document that is read.
pub const LARGEST_DOCUMENT: usize = 4 << 20;
/// Nodes of the largest tree, aliases counted as often as they are used.
const MOST_NODES: usize = 200_000;
/// Deepest nesting; the checks below recurse this deep.
const DEEPEST: usize = 64;
/// YAML asks for keys of at most 1024 characters; a longer one is a mistake.
const LONGEST_KEY: usize = 1024;

/// Reads the text of one document. `None` when its syntax is broken beyond reading on; smaller
/// faults (a key twice) are noted and the rest is read.
pub fn parse(text: &str, findings: &mut Findings) -> Option<Node> {
    if text.len() > LARGEST_DOCUMENT {
        let message = format!(
            "the document is {} bytes long; at most {LARGEST_DOCUMENT} are read",
            text.len()
        );
        findings.problem(Place { line: 1, column: 1 }, &Path::Root, message, "");
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    options.simple_key_max_lookahead = LONGEST_KEY;
    let mut tree = Builder {
        findings,
        stack: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        root: None,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => tree.event(event, place(span.start)),
            Err(error) => Err((
                place(*error.marker()),
                format!("not YAML: {}", error.info()),
            )),
        };
        if let Err((place, message)) = step {
            tree.findings.problem(place, &Path::Root, message, "");
            return None;
        }
    }
    let start = Place { line: 1, column: 1 };
    Some(tree.root.unwrap_or(Node {
        place: start,
        shape: Shape::Null,
    }))
}

/// The parser counts columns from 0, people from 1.
fn place(marker: Marker) -> Place {
    Place {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

type Fatal = (Place, String);

struct Builder<'a> {
    findings: &'a mut Findings,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    root: Option<Node>,
}

/// A collection that has begun and not ended.
struct Open {
    place: Place,
    anchor: usize,
    nodes_before: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        known: HashMap<String, usize>,
        key: Option<Key>,
        merges: Vec<Node>,
    },
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Fatal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = Node {
                    place,
                    shape: scalar(&text, style, tag.as_deref(), place)?,
                };
                self.count(1, place)?;
                if anchor != 0 {
                    self.anchors.insert(anchor, (node.clone(), 1));
                }
                self.put(node)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(place, anchor, tag.as_deref(), Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    known: HashMap::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(place, anchor, tag.as_deref(), content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err((place, "an alias inside its own anchor".to_owned()));
                };
                self.count(size, place)?;
                self.put(node)
            }
            Event::DocumentStart(..) if self.root.is_some() => Err((
                place,
                "a second document; the configuration is one".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Fatal> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err((
                place,
                format!("more than {MOST_NODES} values, aliases counted out"),
            ));
        }
        Ok(())
    }

    fn open(
        &mut self,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
        content: Content,
    ) -> Result<(), Fatal> {
        core_tag(tag, place)?;
        let nodes_before = self.nodes;
        self.count(1, place)?;
        if self.stack.len() >= DEEPEST {
            return Err((place, format!("nested deeper than {DEEPEST} levels")));
        }
        self.stack.push(Open {
            place,
            anchor,
            nodes_before,
            content,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fatal> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let shape = match open.content {
            Content::List(items) => Shape::List(items),
            Content::Map {
                mut entries,
                merges,
                ..
            } => {
                let extra = merge(&mut entries, &merges);
                self.count(extra, open.place)?;
                Shape::Map(entries)
            }
        };
        let node = Node {
            place: open.place,
            shape,
        };
        if open.anchor != 0 {
            self.anchors
                .insert(open.anchor, (node.clone(), self.nodes - open.nodes_before));
        }
        self.put(node)
    }

    /// Puts a finished node where it belongs: next element, key, value, or the root.
    fn put(&mut self, node: Node) -> Result<(), Fatal> {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map {
                entries,
                known,
                key,
                merges,
            } => match key.take() {
                None => *key = Some(Key::of(&node)?),
                Some(key) if key.merge => merges.push(node),
                Some(Key { name, place, .. }) => {
                    if let Some(line) = known.get(&name) {
                        let hint = format!("the first is at line {line}");
                        let message = format!("the key {name:?} stands here a second time");
                        self.findings.problem(place, &Path::Root, message, hint);
                    } else {
                        known.insert(name.clone(), place.line);
                        entries.push(Entry {
                            key: name,
                            place,
                            value: node,
                        });
                    }
                }
            },
        }
        Ok(())
    }
}

/// A key whose value has not come yet.
struct Key {
    name: String,
    place: Place,
    /// Whether it is YAML's merge key, which is so only without quotes.
    merge: bool,
}

impl Key {
    fn of(node: &Node) -> Result<Self, Fatal> {
        let place = node.place;
        match &node.shape {
            Shape::Scalar(scalar) => {
                let merge = scalar.plain && scalar.text == "<<";
                Ok(Self {
                    name: scalar.text.clone(),
                    place,
                    merge,
                })
            }
            Shape::Null => Ok(Self {
                name: String::new(),
                place,
                merge: false,
            }),
            Shape::List(_) | Shape::Map(_) => {
                Err((place, format!("a key is a text, not {}", node.what())))
            }
        }
    }
}

/// YAML's merge key: entries of the named mappings that are not given here. Answers how many
/// entries came in.
fn merge(entries: &mut Vec<Entry>, merges: &[Node]) -> usize {
    let mut known: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let before = entries.len();
    for node in merges {
        let sources = if node.items().is_empty() {
            std::slice::from_ref(node)
        } else {
            node.items()
        };
        for entry in sources.iter().flat_map(Node::entries) {
            if known.insert(entry.key.clone()) {
                entries.push(entry.clone());
            }
        }
    }
    entries.len() - before
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Result<Shape, Fatal> {
    let suffix = core_tag(tag, place)?;
    let plain = style == ScalarStyle::Plain && suffix != Some("str");
    if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Shape::Null);
    }
    Ok(Shape::Scalar(Scalar {
        text: text.to_owned(),
        plain,
        written: None,
    }))
}

/// The suffix of a tag of YAML's core schema; any other tag asks for something we do not do.
fn core_tag(tag: Option<&Tag>, place: Place) -> Result<Option<&str>, Fatal> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.handle() == "tag:yaml.org,2002:" => Ok(Some(tag.suffix())),
        Some(tag) if tag.handle() == "!" && tag.suffix().is_empty() => Ok(Some("str")),
        Some(tag) => Err((
            place,
            format!(
                "the tag {}{} means nothing here",
                tag.handle(),
                tag.suffix()
            ),
        )),
    }
}
