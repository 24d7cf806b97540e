//! Secrets out of a tree.

use balefire_core::field::Kind;
use url::Url;

use super::REDACTED;
use crate::schema::form::{Beyond, Form, Of};
use crate::tree::{Entry, Node, Scalar, Shape};

/// The same tree with `<secret>` for every secret, and with references for what they stood for.
pub(super) fn redact(node: &Node, form: &Form) -> Node {
    if let Some(form) = form.of_mapping(node) {
        return redact(node, &form);
    }
    let shape = match (&node.shape, form) {
        (Shape::Null, _) => Shape::Null,
        (_, form) if form.is_secret() => hidden(),
        (Shape::Scalar(scalar), form) => Shape::Scalar(shown(scalar, form)),
        (Shape::List(items), form) => {
            let of = match form {
                Form::List(of) => *of,
                _ => Of::Kind(&Kind::Any),
            };
            Shape::List(
                items
                    .iter()
                    .map(|item| redact(item, &of.element(item)))
                    .collect(),
            )
        }
        (Shape::Map(entries), form) => Shape::Map(
            entries
                .iter()
                .map(|entry| self::entry(entry, form))
                .collect(),
        ),
    };
    Node {
        place: node.place,
        shape,
    }
}

fn entry(entry: &Entry, form: &Form) -> Entry {
    let value = match form {
        Form::Record(known) => match known.at(&entry.key) {
            // Sections that are taken as they are may hold anything.
            Some(Form::Value(Kind::Any)) if known.beyond == Beyond::Sections => Node {
                place: entry.value.place,
                shape: hidden(),
            },
            Some(form) => redact(&entry.value, &form),
            None => Node {
                place: entry.value.place,
                shape: hidden(),
            },
        },
        Form::Map(of) => redact(&entry.value, &of.element(&entry.value)),
        _ => redact(&entry.value, &Form::Value(&Kind::Any)),
    };
    Entry {
        key: entry.key.clone(),
        place: entry.place,
        value,
    }
}

fn hidden() -> Shape {
    Shape::Scalar(Scalar {
        text: REDACTED.to_owned(),
        plain: false,
        written: None,
    })
}

fn shown(scalar: &Scalar, form: &Form) -> Scalar {
    if let Some(written) = &scalar.written {
        return Scalar {
            text: written.to_string(),
            plain: false,
            written: None,
        };
    }
    let mut shown = scalar.clone();
    // A password in a URL that is otherwise no secret.
    if matches!(form, Form::Value(Kind::Url | Kind::Text))
        && let Ok(mut url) = Url::parse(&scalar.text)
        && url.password().is_some()
        && url.set_password(Some("secret")).is_ok()
    {
        shown.text = url.to_string().replacen(":secret@", ":<secret>@", 1);
    }
    shown
}
