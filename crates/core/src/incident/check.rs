//! What an incident may not be.

use super::Incident;

/// Longest key, in characters: the longest that every database can keep unique.
pub const MAX_KEY: usize = 190;
/// Longest title, in characters.
pub const MAX_TITLE: usize = 300;
/// Longest name of who answers for it or works on it, in characters; several people may be named.
pub const MAX_NAME: usize = 300;
/// Longest name of who did something, in characters.
pub const MAX_ACTOR: usize = 200;
/// Longest cause, summary or note, in characters.
pub const MAX_TEXT: usize = 4000;
/// Longest report, in bytes.
pub const MAX_REPORT: usize = 1 << 20;

/// Why an incident cannot be opened or changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A text that must say something is empty.
    #[error("{0} is empty: say something")]
    Empty(&'static str),
    /// A text is too long.
    #[error("{field} is longer than {most} characters")]
    TooLong {
        /// Which.
        field: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// A text holds a character that databases cannot keep.
    #[error("{0} holds a NUL character: leave it out")]
    Nul(&'static str),
    /// The key is not of its form.
    #[error("the key is a namespace of lower-case letters, a slash and a name, such as group/db")]
    BadKey,
    /// It would be over before it began.
    #[error("it ends before it starts: correct startedAt or endedAt")]
    EndsBeforeStart,
    /// A resolved incident would lose its end.
    #[error("a resolved incident has an end: reopen it, or give another endedAt")]
    ResolvedWithoutEnd,
    /// Nobody can take on what is over.
    #[error("it is resolved: reopen it to acknowledge it")]
    AcknowledgedAfterEnd,
    /// Nothing is merged into itself.
    #[error("an incident cannot be merged into itself: name another")]
    MergedIntoItself,
    /// Nobody works on what is over.
    #[error("the incident to merge into is resolved: reopen it, or name another")]
    MergedIntoResolved,
    /// It is over already.
    #[error("it is resolved already")]
    AlreadyResolved,
    /// It is not over.
    #[error("it is not resolved, so there is nothing to reopen")]
    NotResolved,
    /// It is over, so nobody need be paged for it.
    #[error("it is resolved: reopen it first")]
    Over,
    /// A snooze that ends before it begins, or lasts too long.
    #[error("until is not ahead of now by at most 7 days")]
    NotAhead,
    /// Nobody, or too many, or somebody who cannot answer.
    #[error("to names 1 to 20 people, teams or schedules; a receiver cannot take an incident on")]
    NobodyAssigned,
    /// A role's name that cannot be one.
    #[error(
        "a role's name has no colon, slash or control character: write commander, scribe, communications or a word of your own"
    )]
    BadRole,
    /// A role is given back that nobody has.
    #[error("nobody has this role, so there is nothing to give back")]
    NobodyHasRole,
    /// More roles than an incident can have.
    #[error("20 roles are taken: give one back first")]
    TooManyRoles,
}

/// Whether a text is at most so many characters long, and can be kept.
pub(super) fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    if text.contains('\0') {
        return Err(Refused::Nul(field));
    }
    // Bytes are counted first: a long text need not be walked.
    if text.len() > most && text.chars().nth(most).is_some() {
        return Err(Refused::TooLong { field, most });
    }
    Ok(())
}

/// The same for a text that must say something.
pub(super) fn check_words(field: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    if text.trim().is_empty() {
        return Err(Refused::Empty(field));
    }
    check_text(field, text, most)
}

/// Checks the name of who does something.
pub fn check_actor(actor: &str) -> Result<(), Refused> {
    check_words("by", actor, MAX_ACTOR)
}

/// Checks a key: `namespace/name`, so that who opens incidents for different things does not meet another's.
pub fn check_key(key: &str) -> Result<(), Refused> {
    check_text("key", key, MAX_KEY)?;
    // Databases differ in whether a search heeds case; with one case only, a namespace is found alike in all.
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
    match key.split_once('/') {
        Some((namespace, name)) if plain(namespace) && !name.is_empty() => Ok(()),
        _ => Err(Refused::BadKey),
    }
}

/// Checks all that is known of an incident.
pub(super) fn check(incident: &Incident) -> Result<(), Refused> {
    if let Some(key) = &incident.key {
        check_key(key)?;
    }
    check_words("title", &incident.title, MAX_TITLE)?;
    let texts = [
        ("responsible", &incident.responsible, MAX_NAME),
        ("worker", &incident.worker, MAX_NAME),
        ("cause", &incident.cause, MAX_TEXT),
        ("summary", &incident.summary, MAX_TEXT),
    ];
    for (field, text, most) in texts {
        check_text(field, text.as_deref().unwrap_or_default(), most)?;
    }
    let report = incident.report.as_deref().unwrap_or_default();
    check_text("report", report, MAX_REPORT)?;
    if report.len() > MAX_REPORT {
        return Err(Refused::TooLong {
            field: "report",
            most: MAX_REPORT,
        });
    }
    match incident.ended_at {
        Some(end) if end < incident.started_at => Err(Refused::EndsBeforeStart),
        _ => Ok(()),
    }
}
