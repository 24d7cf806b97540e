//! One mail to several recipients, each with an outcome of its own.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::MailParameter;

use super::dial::Connection;
use super::reply::{Step, failed, is_lost};
use crate::channel::Outcome;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;

/// Time for the content and the answer to its final dot. RFC 5321 asks for ten minutes; giving up early
/// makes duplicates, as the server may still accept.
pub(super) const FINAL_DOT: Duration = Duration::from_mins(2);

/// What MAIL and RCPT brought: who was accepted, or why not.
pub(super) struct Envelope(Vec<Result<(), SendError>>);

impl Envelope {
    /// Whether at least one recipient was accepted.
    pub(super) fn anybody(&self) -> bool {
        self.0.iter().any(Result::is_ok)
    }

    /// Outcomes: refused recipients keep their own, the accepted ones share this.
    pub(super) fn with(self, shared: &Outcome) -> Vec<Outcome> {
        self.0
            .into_iter()
            .map(|accepted| accepted.and_then(|()| shared.clone()))
            .collect()
    }
}

/// Why MAIL FROM was not accepted.
pub(super) enum NotBegun {
    /// The connection is of no use; nothing has been sent on it.
    Lost(SendError),
    /// The server refuses the sender, or the mail for its size.
    Refused(SendError),
}

/// MAIL FROM for a mail of so many bytes.
pub(super) async fn begin(
    connection: &mut Connection,
    from: &Address,
    size: usize,
    advice: &'static str,
) -> Result<(), NotBegun> {
    let smtp = &mut connection.smtp;
    let mut parameters = Vec::new();
    if connection.features.size {
        parameters.push(MailParameter::Size(size));
    }
    let mut answer = smtp
        .command(Mail::new(Some(from.clone()), parameters))
        .await;
    let not_understood = |e: &Error| {
        e.status()
            .is_some_and(|c| matches!(u16::from(c), 501 | 504 | 555))
    };
    if connection.features.size && answer.as_ref().is_err_and(not_understood) {
        answer = smtp
            .command(Mail::new(Some(from.clone()), Vec::new()))
            .await;
    }
    match answer {
        Ok(_) => Ok(()),
        Err(e) if is_lost(&e) => Err(NotBegun::Lost(failed(Step::Sender, &e, advice))),
        Err(e) => Err(NotBegun::Refused(failed(Step::Sender, &e, advice))),
    }
}

/// Every RCPT TO. A lost connection is the outcome of all.
pub(super) async fn address(
    connection: &mut Connection,
    recipients: &[Address],
    advice: &'static str,
) -> Result<Envelope, SendError> {
    let smtp = &mut connection.smtp;
    let mut accepted = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        match smtp.command(Rcpt::new(recipient.clone(), Vec::new())).await {
            Ok(_) => accepted.push(Ok(())),
            // A refusal is this recipient's own; 421 and a lost connection are everybody's.
            Err(e) if is_lost(&e) => return Err(failed(Step::Recipient, &e, advice)),
            Err(e) => accepted.push(Err(failed(Step::Recipient, &e, advice))),
        }
    }
    Ok(Envelope(accepted))
}

/// Ends a transaction in which nobody is left to send to.
pub(super) async fn drop_it(connection: &mut Connection) -> Result<(), SendError> {
    let answer = connection.smtp.command(Rset).await;
    answer
        .map(|_| ())
        .map_err(|e| failed(Step::Recipient, &e, ""))
}

/// DATA.
pub(super) async fn data(
    connection: &mut Connection,
    advice: &'static str,
) -> Result<(), SendError> {
    let answer = connection
        .smtp
        .command(Data)
        .await
        .map_err(|e| failed(Step::Content, &e, advice))?;
    if answer.has_code(354) {
        return Ok(());
    }
    let detail = format!("DATA: unexpected answer {}", answer.code());
    Err(SendError::new(ErrorKind::Transient, detail))
}

/// The content up to the answer to its final dot. A loss before the dot is transient, after it the outcome is
/// unknown.
pub(super) async fn content(
    connection: &mut Connection,
    mail: &[u8],
    advice: &'static str,
    limit: Duration,
) -> Outcome {
    connection.mails += 1;
    connection.watch.begin();
    let answer = tokio::time::timeout(limit, connection.smtp.message(mail)).await;
    let lost = |why: String| {
        if connection.watch.has_ended() {
            SendError::new(
                ErrorKind::UnknownOutcome,
                format!("after the mail's final dot: {why}"),
            )
        } else {
            SendError::new(
                ErrorKind::Transient,
                format!("before the mail's final dot: {why}"),
            )
        }
    };
    match answer {
        Ok(Ok(answer)) => {
            let text = answer.message().collect::<Vec<_>>().join(" ");
            Ok(Receipt {
                provider_id: queue_id(&text),
                answer: excerpt(&format!("{} {text}", answer.code())),
            })
        }
        Ok(Err(e)) if e.status().is_some() => Err(failed(Step::Content, &e, advice)),
        Ok(Err(e)) => Err(lost(excerpt(&e.to_string()))),
        Err(_) => Err(lost(format!("no answer within {} s", limit.as_secs()))),
    }
}

/// The queue's id where the server names one: `queued as ID` (Postfix and those that copy it), `id=ID` (Exim).
fn queue_id(text: &str) -> String {
    let after = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
    let id = after("queued as ")
        .or_else(|| after("id="))
        .unwrap_or_default();
    id.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(64)
        .collect()
}
