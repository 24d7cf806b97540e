//! What was said of a try, in one column: the provider's answer and, behind a separator, what to do about it.

use std::sync::Arc;

use crate::notification::Attempt;

/// ASCII's record separator, which no text for people holds.
const SEPARATOR: char = '\u{1e}';

/// The column of a try; `None` when nothing was said.
pub(crate) fn column(attempt: &Attempt) -> Option<String> {
    let answer = attempt.answer.as_deref().unwrap_or_default();
    // A provider must not speak for us.
    let mut text = cut(answer, Attempt::MAX_ANSWER).replace(SEPARATOR, " ");
    if let Some(fix) = &attempt.fix {
        text.push(SEPARATOR);
        text.push_str(fix);
    }
    (attempt.answer.is_some() || attempt.fix.is_some()).then_some(text)
}

/// The answer and what to do, as the column holds them.
pub(crate) fn read(column: Option<String>) -> (Option<Arc<str>>, Option<Arc<str>>) {
    let Some(column) = column else {
        return (None, None);
    };
    match column.split_once(SEPARATOR) {
        None => (Some(column.into()), None),
        Some((answer, fix)) => {
            let answer = (!answer.is_empty()).then(|| answer.into());
            (answer, Some(fix.into()))
        }
    }
}

/// The beginning of a text, at most `bytes` long and cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
