//! The state of a session and what each command makes of it (RFC 5321, sections 3 and 4.1).

#[cfg(test)]
mod tests;

use smtp_proto::{Error, Request};

use super::recipient::For;
use super::reply::Reply;

/// Most recipients of one mail.
const MOST_RECIPIENTS: usize = 20;
/// Refusals until a session is ended.
const MOST_REFUSALS: usize = 10;
/// Most mails in one session.
const MOST_MAILS: usize = 1_000;
/// Most commands between two mails.
const MOST_COMMANDS: usize = 200;

/// Whether the session can be, must be or is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// There is no certificate.
    Impossible,
    Offered,
    /// Nothing is taken before.
    Required,
    Done,
}

/// What follows after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Command,
    /// The reply is given, then the handshake.
    Handshake,
    Content,
    /// A recipient, to be looked up by the session.
    Recipient,
    Close,
}

/// A session as far as it has come.
#[derive(Debug)]
pub(super) struct Dialogue {
    host: String,
    tls: Tls,
    limit: usize,
    greeted: bool,
    has_sender: bool,
    /// Whether its sender is nobody, as a bounce has it (RFC 5321, section 4.5.5).
    is_bounce: bool,
    /// Whom the mail at hand is for.
    whom: Vec<For>,
    recipients: usize,
    refusals: usize,
    commands: usize,
    mails: usize,
}

/// One command's outcome. The address of a recipient is judged by the session, which knows the document.
pub(super) struct Step {
    pub(super) reply: Reply,
    pub(super) next: Next,
    pub(super) recipient: String,
}

fn step(reply: Reply, next: Next) -> Step {
    Step {
        reply,
        next,
        recipient: String::new(),
    }
}

fn say(code: u16, text: &str) -> Step {
    step(Reply::new(code, text), Next::Command)
}

impl Dialogue {
    pub(super) fn new(host: String, tls: Tls, limit: usize) -> Self {
        Self {
            host,
            tls,
            limit,
            greeted: false,
            has_sender: false,
            is_bounce: false,
            whom: Vec::new(),
            recipients: 0,
            refusals: 0,
            commands: 0,
            mails: 0,
        }
    }

    pub(super) fn greeting(&self) -> Reply {
        Reply::new(
            220,
            format!("{} ESMTP Balefire takes mails for its sources", self.host),
        )
    }

    /// Takes in a command, with its line end.
    pub(super) fn command(&mut self, line: &[u8]) -> Step {
        self.commands += 1;
        let step = match Request::parse(&mut line.iter()) {
            Ok(request) => self.asked(request),
            Err(error) => say_wrong(&error),
        };
        self.counted(step)
    }

    /// Ends the session of who does nothing but be refused, or never comes to the point.
    pub(super) fn counted(&mut self, step: Step) -> Step {
        self.refusals += usize::from(step.reply.is_refusal());
        if step.next == Next::Command
            && (self.refusals > MOST_REFUSALS || self.commands > MOST_COMMANDS)
        {
            let reply = Reply::new(421, "4.7.0 too many refused or idle commands");
            return self::step(reply, Next::Close);
        }
        step
    }

    fn asked<T: AsRef<str>>(&mut self, request: Request<T>) -> Step {
        match request {
            Request::Ehlo { .. } => self.hello(),
            Request::Helo { .. } => {
                self.begin();
                say(250, &self.host)
            }
            Request::Quit => step(Reply::new(221, "2.0.0 bye"), Next::Close),
            Request::Noop { .. } => say(250, "2.0.0 yes"),
            Request::Rset => {
                self.reset();
                say(250, "2.0.0 forgotten")
            }
            Request::Help { .. } => say(214, "2.0.0 mails go to {source}[+{token}]@this.host"),
            // RFC 5321, section 7.3: who is there is nobody's business.
            Request::Vrfy { .. } => say(252, "2.1.5 send it, and see"),
            Request::StartTls => self.start_tls(),
            _ if self.tls == Tls::Required => say(530, "5.7.0 say STARTTLS first"),
            Request::Mail { from } => self.mail(from.size, from.address.as_ref().is_empty()),
            Request::Rcpt { to } => self.recipient(to.address.as_ref()),
            Request::Data => self.data(),
            Request::Auth { .. } => say(
                503,
                "5.5.1 nobody logs in here: a source's token is part of its address",
            ),
            other => say(502, &format!("5.5.1 {} is not offered", other.name())),
        }
    }

    fn hello(&mut self) -> Step {
        self.begin();
        let mut lines = vec![self.host.clone()];
        lines.extend(
            ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"].map(ToOwned::to_owned),
        );
        lines.push(format!("SIZE {}", self.limit));
        if matches!(self.tls, Tls::Offered | Tls::Required) {
            lines.push("STARTTLS".to_owned());
        }
        step(Reply::of_lines(250, lines), Next::Command)
    }

    fn begin(&mut self) {
        self.reset();
        self.greeted = true;
    }

    fn reset(&mut self) {
        self.has_sender = false;
        self.is_bounce = false;
        self.whom.clear();
        self.recipients = 0;
    }

    fn start_tls(&mut self) -> Step {
        match self.tls {
            Tls::Offered | Tls::Required => {
                step(Reply::new(220, "2.0.0 go ahead"), Next::Handshake)
            }
            Tls::Impossible => say(502, "5.5.1 there is no certificate here"),
            Tls::Done => say(503, "5.5.1 this is secured already"),
        }
    }

    /// After the handshake nothing counts that was said before it (RFC 3207, section 4.2).
    pub(super) fn secured(&mut self) {
        self.tls = Tls::Done;
        self.reset();
        self.greeted = false;
    }

    fn mail(&mut self, size: usize, is_bounce: bool) -> Step {
        if !self.greeted {
            return say(503, "5.5.1 say EHLO first");
        }
        if self.has_sender {
            return say(503, "5.5.1 there is a sender already");
        }
        if size > self.limit {
            return say(552, "5.3.4 the mail is too large");
        }
        if self.mails >= MOST_MAILS {
            return step(
                Reply::new(421, "4.7.0 come back on another connection"),
                Next::Close,
            );
        }
        self.has_sender = true;
        self.is_bounce = is_bounce;
        say(250, "2.1.0 go on")
    }

    fn recipient(&mut self, address: &str) -> Step {
        if !self.has_sender {
            return say(503, "5.5.1 say MAIL FROM first");
        }
        if self.recipients >= MOST_RECIPIENTS {
            return say(452, "4.5.3 too many recipients");
        }
        Step {
            reply: Reply::new(250, "2.1.5 go on"),
            next: Next::Recipient,
            recipient: address.to_owned(),
        }
    }

    /// A recipient that the session knows; twice the same is once.
    pub(super) fn accept(&mut self, whom: For) {
        self.recipients += 1;
        if !self.whom.contains(&whom) {
            self.whom.push(whom);
        }
    }

    fn data(&mut self) -> Step {
        if !self.has_sender {
            return say(503, "5.5.1 say MAIL FROM first");
        }
        if self.whom.is_empty() {
            return say(554, "5.5.1 there is no recipient");
        }
        let reply = Reply::new(354, "end with CR LF . CR LF");
        step(reply, Next::Content)
    }

    /// The content has come: whom it is for, and whether it is a bounce. The next mail begins with a sender again.
    pub(super) fn recipients(&mut self) -> (Vec<For>, bool) {
        let whom = (std::mem::take(&mut self.whom), self.is_bounce);
        self.reset();
        self.mails += 1;
        self.commands = 0;
        whom
    }
}

fn say_wrong(error: &Error) -> Step {
    match error {
        Error::InvalidSenderAddress => say(501, "5.1.7 this is no address"),
        Error::InvalidRecipientAddress => say(501, "5.1.3 this is no address"),
        Error::SyntaxError { syntax } => say(501, &format!("5.5.4 write {syntax}")),
        Error::InvalidParameter { param } => say(501, &format!("5.5.4 {param} is not written so")),
        Error::UnsupportedParameter { .. } => say(555, "5.5.4 there is a parameter too many"),
        _ => say(500, "5.5.2 this is no command"),
    }
}
