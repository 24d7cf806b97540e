//! What an SMTP server's refusal means, by the step at which it came (wire/smtp.md section 4).

use std::time::Duration;

use crate::error::{ErrorKind, SendError};
use crate::http::excerpt;

/// The step of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Greeting, EHLO, STARTTLS.
    Greeting,
    /// AUTH.
    LogIn,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, and the answer to the final dot.
    Content,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::LogIn => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Content => "DATA",
        }
    }
}

/// After greylisting and receiver limits servers want at least a minute.
const A_WHILE: Duration = Duration::from_mins(1);
/// Limits over hours and days.
const LONG: Duration = Duration::from_hours(1);

/// A refusal: its three digits and text.
pub(super) fn refused(step: Step, code: u16, text: &str, login_advice: &'static str) -> SendError {
    let detail = excerpt(&format!("{}: {code} {text}", step.name()));
    let enhanced = text.split_whitespace().next().unwrap_or_default();
    let error = |kind| SendError::new(kind, detail.clone());
    if (400..500).contains(&code) {
        return match (step, code) {
            (Step::LogIn, _) | (Step::Recipient, 450 | 451) => {
                error(ErrorKind::Transient).after(A_WHILE)
            }
            _ => error(ErrorKind::Transient),
        };
    }
    if is_a_limit(step, code, enhanced, text) {
        return error(ErrorKind::RateLimited).after(LONG);
    }
    match (step, code) {
        (Step::LogIn, _) | (_, 530 | 534 | 535 | 538) => {
            error(ErrorKind::Misconfigured).fix(login_advice)
        }
        (Step::Greeting, _) => error(ErrorKind::Misconfigured)
            .fix("the server refuses our address or name: check hello, and whether our IP address is let in"),
        (_, 552 | 523) if step != Step::Recipient => error(ErrorKind::Rejected).fix(TOO_LARGE),
        (Step::Sender, _) => error(ErrorKind::Misconfigured)
            .fix("most providers want the sender (from) to be the very address that logs in"),
        (Step::Recipient, _) => error(ErrorKind::Rejected).fix("check the recipient's address"),
        (Step::Content, _) => error(ErrorKind::Rejected)
            .fix("the server refuses the content or the sender's domain: check its spam, SPF and DMARC rules"),
    }
}

/// The advice that goes with a refusal for size, which the channel also acts on.
pub(super) const TOO_LARGE: &str = "the mail is larger than the server takes";

/// A failed command: the server's refusal, else a broken connection.
pub(super) fn failed(
    step: Step,
    error: &lettre::transport::smtp::Error,
    login_advice: &'static str,
) -> SendError {
    let source = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if let Some(code) = error.status() {
        return refused(step, u16::from(code), &source, login_advice);
    }
    let why = if source.is_empty() {
        error.to_string()
    } else {
        source
    };
    SendError::new(
        ErrorKind::Transient,
        excerpt(&format!("connection lost: {why}")),
    )
}

/// Whether the connection is of no more use: it broke, or the server closes it (421).
pub(super) fn is_lost(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_none_or(|code| u16::from(code) == 421)
}

/// 5xx replies that pass with time: daily and frequency limits of Gmail, QQ and exmail, Aliyun, Microsoft 365.
/// Their texts are known from reports only, so they are matched loosely: a wait of an hour costs less than an alert.
fn is_a_limit(step: Step, code: u16, enhanced: &str, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // Microsoft files what is sent: with the sender's own mailbox full, nothing goes out.
    let sender_is_full = step == Step::Content && code == 554 && enhanced == "5.2.2";
    // 163's and 126's words for too much at once; the same with 554 are about the content.
    let netease = code == 550 && (text.starts_with("mi:") || text.starts_with("dt:"));
    sender_is_full
        || netease
        || (matches!(code, 550 | 552 | 554) && enhanced == "5.4.5")
        || (matches!(code, 550 | 552 | 554)
            && says(&[
                "frequency limited",
                "frequency limit",
                "sending limit exceeded",
                "daily message quota",
                "exceeded your daily",
                "quota exceed",
                "storedrv.submission",
                "too many",
            ])
            && !says(&["mailbox full", "mailbox is full", "over quota"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_one_meaning() {
        use ErrorKind::{Misconfigured, RateLimited, Rejected, Transient};
        use Step::{Content, Greeting, LogIn, Recipient, Sender};
        for (step, code, text, kind, wait) in [
            (Greeting, 421, "4.3.2 closing", Transient, None),
            (Greeting, 554, "no service for you", Misconfigured, None),
            (LogIn, 535, "5.7.8 bad credentials", Misconfigured, None),
            (LogIn, 454, "4.7.0 throttled", Transient, Some(60)),
            (
                LogIn,
                534,
                "5.7.9 app password required",
                Misconfigured,
                None,
            ),
            (
                Sender,
                530,
                "5.7.0 authentication required",
                Misconfigured,
                None,
            ),
            (
                Sender,
                553,
                "mail from must equal authorized user",
                Misconfigured,
                None,
            ),
            (Sender, 452, "4.3.1 full", Transient, None),
            (Recipient, 450, "4.2.1 greylisted", Transient, Some(60)),
            (Recipient, 452, "4.5.3 too many recipients", Transient, None),
            (Recipient, 550, "5.1.1 no such user", Rejected, None),
            (Recipient, 551, "not local", Rejected, None),
            (Recipient, 550, "frequency limited", RateLimited, Some(3600)),
            (
                Content,
                550,
                "5.4.5 Daily user sending limit exceeded",
                RateLimited,
                Some(3600),
            ),
            (Content, 554, "DT:SPM 163 smtp", Rejected, None),
            (Content, 550, "MI:SFQ 163 smtp", RateLimited, Some(3600)),
            (Content, 554, "5.2.2 mailbox full", RateLimited, Some(3600)),
            (Content, 552, "5.3.4 too big", Rejected, None),
            (Content, 451, "4.3.0 try later", Transient, None),
            (
                Recipient,
                552,
                "5.2.2 mailbox full, quota exceeded",
                Rejected,
                None,
            ),
        ] {
            let error = refused(step, code, text, "advice");
            assert_eq!(error.kind, kind, "{step:?} {code} {text}");
            assert_eq!(
                error.retry_after,
                wait.map(Duration::from_secs),
                "{step:?} {code} {text}"
            );
        }
        assert_eq!(refused(LogIn, 535, "", "advice").fix, "advice");
    }
}
