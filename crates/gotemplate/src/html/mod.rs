//! `html/template`: every value is escaped for the place in the page where it stands. Go works the places out before
//! it runs; here the page is followed while it is written, which gives the same output for what Go takes. Where no
//! value can be made safe (scripts, strings and addresses in style sheets) it is refused.

mod attribute;
mod context;
mod css;
mod escape;

use attribute::Attribute;
use context::{Context, Delimiter, Part, Place};

use crate::budget::{Budget, Spent};
use crate::value::{Safe, Value};

/// Go's escapers at the end of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Predefined {
    Html,
    UrlQuery,
}

impl Predefined {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "html" => Some(Self::Html),
            "urlquery" => Some(Self::UrlQuery),
            _ => None,
        }
    }

    fn on(self, text: &str) -> String {
        match self {
            Self::Html => crate::builtin::html(text),
            Self::UrlQuery => crate::builtin::urlquery(text),
        }
    }
}

/// Why a value was not written.
pub(crate) enum Refused {
    /// It cannot be made safe there.
    Unsafe(String),
    /// It took too much.
    Spent(Spent),
}

impl From<Spent> for Refused {
    fn from(spent: Spent) -> Self {
        Self::Spent(spent)
    }
}

/// A page as far as it is written.
#[derive(Debug, Default)]
pub(crate) struct Page {
    context: Context,
}

/// A value's text, and what it was declared to be.
struct Given {
    text: String,
    safe: Option<Safe>,
}

impl Given {
    fn plain(text: String) -> Self {
        Self { text, safe: None }
    }
}

impl Page {
    /// The template's own text, without its comments.
    pub(crate) fn text(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let before = self.context;
            let (after, length) = before.after(rest)?;
            let (piece, left) = rest.split_at(length);
            if length == 0 && after == before {
                return Err("the page cannot be followed here".to_owned());
            }
            match before.place {
                Place::Text | Place::Rcdata => own_text(&mut out, piece, before, after),
                Place::Comment => {}
                Place::Style => out.push_str(&self.context.css.body(piece)),
                _ => out.push_str(piece),
            }
            let css = self.context.css;
            self.context = after;
            if before.place == Place::Style && after.place == Place::Style {
                self.context.css = css;
            }
            rest = left;
        }
        Ok(out)
    }

    /// What is wrong when the page ends here.
    pub(crate) fn unfinished(&self) -> Option<String> {
        let whole = self.context.place == Place::Text;
        (!whole).then(|| format!("ends in a non-text context: {:?}", self.context.place))
    }

    /// A value, escaped for where it stands.
    pub(crate) fn value(
        &mut self,
        value: &Value,
        predefined: Option<Predefined>,
        budget: &Budget,
    ) -> Result<String, Refused> {
        let mut given = given(value, budget)?;
        // Each escaper makes a text at most six times as long.
        budget.make(given.text.len() * 3)?;
        self.context.nudge();
        let context = self.context;
        let replaces = match predefined {
            Some(Predefined::Html) if context.delimiter == Delimiter::Space => {
                let message = "predefined escaper \"html\" disallowed in template";
                return Err(Refused::Unsafe(message.to_owned()));
            }
            Some(Predefined::Html) => context.prints_html(),
            Some(Predefined::UrlQuery) => {
                context.place == Place::Value && context.attribute == Attribute::Url
            }
            None => false,
        };
        if let Some(escaper) = predefined.filter(|_| !replaces) {
            given = Given::plain(escaper.on(&given.text));
        }
        let predefined = predefined.filter(|_| replaces);
        self.placed(given, predefined)
    }

    fn placed(&mut self, given: Given, predefined: Option<Predefined>) -> Result<String, Refused> {
        let context = self.context;
        let by_html = predefined == Some(Predefined::Html);
        match context.place {
            Place::Text | Place::Rcdata if by_html => Ok(crate::builtin::html(&given.text)),
            Place::Text => Ok(match given.safe {
                Some(Safe::Html) => given.text,
                _ => escape::html(&given.text, false),
            }),
            Place::Rcdata => Ok(escape::html(&given.text, given.safe == Some(Safe::Html))),
            Place::Comment => Ok(String::new()),
            Place::Tag | Place::Name | Place::AfterName | Place::BeforeValue => {
                self.context.place = Place::Name;
                Ok(escape::name(&given.text))
            }
            Place::Style => self.css(&given).map(|given| given.text),
            Place::Script => Err(refused("a script")),
            Place::Value => {
                let given = match context.attribute {
                    Attribute::Plain => given,
                    Attribute::Url => self.url(given, predefined),
                    Attribute::Style => self.css(&given)?,
                    Attribute::Script => return Err(refused("an attribute that is a script")),
                    Attribute::Srcset => return Err(refused("a srcset attribute")),
                };
                Ok(match context.delimiter {
                    Delimiter::Space => {
                        escape::unquoted(&given.text, given.safe == Some(Safe::Html))
                    }
                    _ if by_html => crate::builtin::html(&given.text),
                    _ if given.safe == Some(Safe::Html) => {
                        escape::html(&escape::without_tags(&given.text), true)
                    }
                    _ => escape::html(&given.text, false),
                })
            }
        }
    }

    fn url(&self, given: Given, predefined: Option<Predefined>) -> Given {
        let is_url = given.safe == Some(Safe::Url);
        let by_query = predefined == Some(Predefined::UrlQuery);
        let text = match self.context.part {
            Part::Query if by_query => crate::builtin::urlquery(&given.text),
            Part::Query => escape::url(&given.text, is_url),
            part => {
                let text = if part == Part::Start && !is_url {
                    escape::safe_url(given.text)
                } else {
                    given.text
                };
                if by_query {
                    crate::builtin::urlquery(&text)
                } else {
                    escape::url(&text, true)
                }
            }
        };
        Given::plain(text)
    }

    fn css(&self, given: &Given) -> Result<Given, Refused> {
        if !self.context.css.takes_values() {
            return Err(refused("a string, address or comment of a style sheet"));
        }
        Ok(Given::plain(css::value(&given.text)))
    }
}

fn refused(place: &str) -> Refused {
    Refused::Unsafe(format!(
        "a value in {place} is not made safe here; leave it out"
    ))
}

/// Copies a piece of text; an angle bracket that begins nothing is escaped, and a comment's mark left out.
fn own_text(out: &mut String, piece: &str, before: Context, after: Context) {
    let end = if after.place == before.place {
        piece.len()
    } else {
        piece.rfind('<').unwrap_or(piece.len())
    };
    let mut rest = &piece[..end];
    while let Some(at) = rest.find('<') {
        let is_doctype = rest[at..]
            .get(..9)
            .is_some_and(|head| head.eq_ignore_ascii_case("<!doctype"));
        out.push_str(&rest[..at]);
        out.push_str(if is_doctype { "<" } else { "&lt;" });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    if after.place != Place::Comment {
        out.push_str(&piece[end..]);
    }
}

fn given(value: &Value, budget: &Budget) -> Result<Given, Spent> {
    Ok(match value {
        Value::Nil => Given::plain(String::new()),
        Value::Safe(safe, text) => Given {
            text: text.as_ref().to_owned(),
            safe: Some(*safe),
        },
        other => Given::plain(other.printed(budget)?),
    })
}
