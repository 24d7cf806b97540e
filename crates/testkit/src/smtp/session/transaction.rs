//! One message's way: MAIL, RCPT, DATA and the final dot.

use std::io;

use super::{Flow, Session, say};
use crate::smtp::mail::{self, Mail};
use crate::smtp::path::{self, Path};
use crate::smtp::wire::{Content, Flaw, Wire};
use crate::smtp::{MAX_RECIPIENTS, MailMode, Security, Stage};

/// An envelope that is being filled.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    from: String,
    parameters: Vec<(String, String)>,
    eight_bit: bool,
    utf8: bool,
    to: Vec<String>,
    refused: Vec<(String, u16)>,
}

impl Session {
    pub(super) async fn mail(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Mail).await? {
            return Ok(flow);
        }
        if self.taken >= self.server.mails_per_connection {
            wire.say(421, &["4.7.0 too many mails on one connection"])
                .await?;
            return Ok(Flow::Close);
        }
        match self.begin(rest) {
            Ok(transaction) => {
                self.transaction = Some(transaction);
                say(wire, 250, "2.1.0 ok").await
            }
            Err((code, text)) => say(wire, code, text).await,
        }
    }

    fn begin(&self, rest: &str) -> Result<Transaction, (u16, &'static str)> {
        if self.hello.is_none() || self.transaction.is_some() {
            return Err((503, "5.5.1 MAIL is not possible now"));
        }
        if self.server.security == Security::StartTls && !self.secured {
            return Err((530, "5.7.0 must issue a STARTTLS command first"));
        }
        if self.server.security != Security::Plain && self.user.is_none() {
            return Err((530, "5.7.0 authentication required"));
        }
        let Some(Path {
            address,
            parameters,
        }) = path::read(rest, "FROM")
        else {
            return Err((501, "5.1.7 bad sender address syntax"));
        };
        let mut transaction = Transaction {
            from: address,
            ..Transaction::default()
        };
        for (key, value) in parameters {
            match (key.as_str(), value.as_str()) {
                ("SIZE", size) if self.extended && self.offers("SIZE") => {
                    let Ok(size) = size.parse::<usize>() else {
                        return Err((501, "5.5.4 bad SIZE"));
                    };
                    if size > self.server.max_bytes {
                        return Err((552, "5.3.4 message size exceeds fixed limit"));
                    }
                }
                ("BODY", "7BIT") if self.extended && self.offers("8BITMIME") => {}
                ("BODY", "8BITMIME") if self.extended && self.offers("8BITMIME") => {
                    transaction.eight_bit = true;
                }
                ("SMTPUTF8", "") if self.extended && self.offers("SMTPUTF8") => {
                    transaction.utf8 = true;
                    transaction.eight_bit = true;
                }
                _ => return Err((555, "5.5.4 parameter not recognised")),
            }
            transaction.parameters.push((key, value));
        }
        if !transaction.from.is_ascii() && !transaction.utf8 {
            return Err((553, "5.6.7 a non-ASCII address needs SMTPUTF8"));
        }
        let is_own = self
            .user
            .as_ref()
            .is_some_and(|user| user.eq_ignore_ascii_case(&transaction.from));
        if self.server.own_sender_only && !is_own {
            return Err((553, "5.7.1 mail from must equal authorized user"));
        }
        Ok(transaction)
    }

    pub(super) async fn rcpt(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Rcpt).await? {
            return Ok(flow);
        }
        let Some(transaction) = &mut self.transaction else {
            return say(wire, 503, "5.5.1 MAIL first").await;
        };
        let Some(Path {
            address,
            parameters,
        }) = path::read(rest, "TO")
        else {
            return say(wire, 501, "5.1.3 bad recipient address syntax").await;
        };
        let refusal = if address.is_empty() {
            Some((501, "5.1.3 bad recipient address syntax".to_owned()))
        } else if !parameters.is_empty() {
            Some((555, "5.5.4 parameter not recognised".to_owned()))
        } else if !address.is_ascii() && !transaction.utf8 {
            Some((553, "5.6.7 a non-ASCII address needs SMTPUTF8".to_owned()))
        } else if transaction.to.len() == MAX_RECIPIENTS {
            Some((452, "4.5.3 too many recipients".to_owned()))
        } else {
            self.server.rule(&address)
        };
        if let Some((code, text)) = refusal {
            transaction.refused.push((address, code));
            return say(wire, code, &text).await;
        }
        transaction.to.push(address);
        say(wire, 250, "2.1.5 ok").await
    }

    pub(super) async fn data(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Data).await? {
            return Ok(flow);
        }
        if !rest.is_empty() {
            return say(wire, 501, "5.5.4 no parameters allowed").await;
        }
        let Some(transaction) = self.transaction.take() else {
            return say(wire, 503, "5.5.1 MAIL first").await;
        };
        if transaction.to.is_empty() {
            self.transaction = Some(transaction);
            return say(wire, 554, "5.5.1 no valid recipients").await;
        }
        wire.say(354, &["end data with <CR><LF>.<CR><LF>"]).await?;
        let mut content = Content::default();
        let mut is_first = true;
        loop {
            let Some(line) = wire.text_line().await? else {
                return Ok(Flow::Close);
            };
            if line == b"." {
                break;
            }
            content.add(&line, self.server.max_bytes);
            if std::mem::take(&mut is_first)
                && let Some(flow) = self.interfere(wire, Stage::Content).await?
            {
                // There is no way back to commands from the middle of a message.
                return Ok(if flow == Flow::Reset {
                    Flow::Reset
                } else {
                    Flow::Close
                });
            }
        }
        self.finish(wire, transaction, content).await
    }

    async fn finish(
        &mut self,
        wire: &mut Wire,
        transaction: Transaction,
        content: Content,
    ) -> io::Result<Flow> {
        if let Some((code, text)) = objection(&content, transaction.eight_bit) {
            return say(wire, code, text).await;
        }
        let notes = mail::notes(&content.bytes);
        let mail = Mail {
            at: self.server.clock.now(),
            secured: self.secured,
            hello: self.hello.clone().unwrap_or_default(),
            user: self.user.clone(),
            from: transaction.from,
            parameters: transaction.parameters,
            to: transaction.to,
            refused: transaction.refused,
            raw: content.bytes.into(),
            notes,
        };
        match self.server.planned(Stage::Dot) {
            Some(MailMode::Refuse(_, code, text)) => {
                wire.say(code, &[&text]).await?;
                return Ok(if code == 421 { Flow::Close } else { Flow::Next });
            }
            Some(MailMode::Hang(_)) => {
                self.server.take(mail);
                wire.drain().await;
                return Ok(Flow::Close);
            }
            Some(MailMode::Drop(_)) => {
                self.server.take(mail);
                return Ok(Flow::Reset);
            }
            None => self.server.take(mail),
        }
        self.taken += 1;
        let queued = self.server.counts.borrow().mails;
        say(wire, 250, &format!("2.0.0 queued as SIM{queued}")).await
    }
}

/// Why a message's form is refused.
fn objection(content: &Content, eight_bit: bool) -> Option<(u16, &'static str)> {
    let flaw = content
        .flaws
        .iter()
        .find(|flaw| !(eight_bit && **flaw == Flaw::EightBit))?;
    Some(match flaw {
        Flaw::TooLarge => (552, "5.3.4 message size exceeds fixed limit"),
        Flaw::BareLineEnding => (550, "5.5.2 bare CR or LF in the message"),
        Flaw::Nul => (550, "5.6.0 NUL in the message"),
        Flaw::EightBit => (554, "5.6.1 8-bit text without BODY=8BITMIME"),
        Flaw::LongLine => (550, "5.6.0 a line has more than 998 octets"),
    })
}
