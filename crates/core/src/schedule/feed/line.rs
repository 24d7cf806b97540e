//! Lines of a calendar file: unfolded, taken apart into name, parameters and value (RFC 5545, 3.1).

/// Longest line that is read, unfolded, in bytes; descriptions may be long, what is read of a line is not.
const LONGEST: usize = 64 * 1024;

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals, values without their quotes.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Line {
    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value as text: `\n`, `\,` and the like are what they stand for.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        text
    }

    /// The line as it is written, with those of its parameters that are named.
    pub(super) fn written(&self, parameters: &[&str]) -> String {
        let mut text = self.name.clone();
        for (name, value) in &self.parameters {
            if parameters.contains(&name.as_str()) {
                for part in [";", name, "=\"", value, "\""] {
                    text.push_str(part);
                }
            }
        }
        text.push(':');
        text.push_str(&self.value);
        text
    }

    /// Takes a line apart; `None` when it is none.
    fn parse(text: &str) -> Option<Self> {
        let mut quoted = false;
        let mut edges = Vec::new();
        let mut end = None;
        for (at, letter) in text.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                ';' if !quoted => edges.push(at),
                ':' if !quoted => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let end = end?;
        edges.push(end);
        let name = text.get(..*edges.first()?)?;
        let parameters = edges.windows(2).filter_map(|pair| {
            let (name, value) = text.get(pair[0] + 1..pair[1])?.split_once('=')?;
            Some((
                name.to_ascii_uppercase(),
                value.trim_matches('"').to_owned(),
            ))
        });
        Some(Self {
            // A group before the name, as some write it, says nothing.
            name: name.rsplit('.').next()?.trim().to_ascii_uppercase(),
            parameters: parameters.collect(),
            value: text.get(end + 1..)?.to_owned(),
        })
    }
}

/// The lines of a file. What is no line is passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut raw = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut next = raw.next();
    std::iter::from_fn(move || {
        loop {
            let mut whole = next.take()?.to_owned();
            next = raw.next();
            while let Some(more) = next.and_then(|line| line.strip_prefix([' ', '\t'])) {
                if whole.len() + more.len() <= LONGEST {
                    whole.push_str(more);
                }
                next = raw.next();
            }
            if let Some(line) = Line::parse(&whole) {
                return Some(line);
            }
        }
    })
}
