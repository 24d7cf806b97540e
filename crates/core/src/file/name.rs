//! The name of a file, made harmless.

use std::fmt;

/// Characters of a name; the store's keys have room for as many.
const MOST: usize = 190;
/// Characters of an ending (`.tar.gz` counts as `.gz`) that is kept when a name is cut.
const ENDING: usize = 20;
/// What a file is called whose name says nothing.
const UNNAMED: &str = "file";

/// Names that Windows opens as devices, whatever their ending:
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
/// Devices with a number, which Windows also reads in its superscript form.
const PORTS: [&str; 2] = ["com", "lpt"];

/// A name without path, hidden characters and special meanings: 1 to 190 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// What a client's name becomes. Every text becomes a name, and a name stays as it is.
    ///
    /// Only what comes after the last separator (either slash) counts; percent-escapes are left alone.
    pub fn of(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let plain: String = last.chars().filter_map(harmless).collect();
        let plain = bare(&plain);
        let name = if plain.is_empty() {
            UNNAMED.to_owned()
        } else if plain.starts_with('.') || is_device(plain) {
            format!("_{plain}")
        } else {
            plain.to_owned()
        };
        Self(cut(name))
    }

    /// The name a caller asks for; `None` for what is a path or no name at all, so that nothing like `../x`
    /// ever finds the file `x`.
    pub fn asked(text: &str) -> Option<Self> {
        let path = text.contains(['/', '\\']) || text.chars().any(char::is_control);
        let says_nothing = text.trim_matches([' ', '.']).is_empty();
        (!path && !says_nothing).then(|| Self::of(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What becomes of a character: nothing of control characters and those that hide or turn text around, an
/// underscore of what names files, streams and commands elsewhere.
fn harmless(character: char) -> Option<char> {
    match character {
        c if c.is_control() => None,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => {
            None
        }
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => None,
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => Some('_'),
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// Without blanks around it and without dots at its end, which Windows takes off.
fn bare(text: &str) -> &str {
    text.trim_start().trim_end_matches([' ', '.'])
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_lowercase();
    let is_port = PORTS.iter().any(|port| {
        let mut rest = stem.strip_prefix(port).unwrap_or_default().chars();
        let digit = matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³'));
        digit && rest.next().is_none()
    });
    is_port || DEVICES.contains(&stem.as_str())
}

/// At most so many characters, the ending among them.
fn cut(name: String) -> String {
    let length = name.chars().count();
    if length <= MOST {
        return name;
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.chars().count() <= ENDING {
        ending
    } else {
        ""
    };
    let stem = &name[..name.len() - ending.len()];
    let room = MOST - ending.chars().count();
    let stem: String = stem.chars().take(room).collect();
    bare(&format!("{stem}{ending}")).to_owned()
}
