//! One mail to several recipients, each with an outcome of its own.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};

use super::dial::{Connection, failed};
use super::reply::Step;
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

/// MAIL FROM and every RCPT TO. A refused sender or a lost connection is the outcome of all.
pub(super) async fn open(
    connection: &mut Connection,
    from: &Address,
    recipients: &[Address],
    advice: &'static str,
) -> Result<Envelope, SendError> {
    let smtp = &mut connection.smtp;
    smtp.command(Mail::new(Some(from.clone()), Vec::new()))
        .await
        .map_err(|e| failed(Step::Sender, &e, advice))?;
    let mut accepted = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        match smtp.command(Rcpt::new(recipient.clone(), Vec::new())).await {
            Ok(_) => accepted.push(Ok(())),
            // A refusal is this recipient's own; 421 and a lost connection are everybody's.
            Err(e) if e.status().is_some_and(|code| u16::from(code) != 421) => {
                accepted.push(Err(failed(Step::Recipient, &e, advice)));
            }
            Err(e) => return Err(failed(Step::Recipient, &e, advice)),
        }
    }
    if !accepted.iter().any(Result::is_ok) {
        // Nobody is left to send to; the transaction is dropped, and whatever comes back changes nothing.
        let _ = smtp.command(Rset).await;
    }
    Ok(Envelope(accepted))
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
    let answer = tokio::time::timeout(limit, connection.smtp.message(mail)).await;
    let lost = |why: String| {
        if connection.ended.load(Ordering::Acquire) {
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
