//! Monitors of what expires: certificates, domains, and dates that are known, and when each is looked at.
//!
//! A monitor is looked at once a day, at a time of its own, so that many do not come together; after a failure it is
//! looked at again within the hour. Whoever cannot be looked at for [`PATIENCE`] is complained of, once a day. The
//! telling of what was seen is the reminders' matter.

mod certificate;
mod starttls;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::time::Time;

pub use self::certificate::{Certificate, Trust};
pub use self::starttls::StartTls;

/// How long a monitor may fail before that is complained of.
pub const PATIENCE: Duration = Duration::from_hours(6);
/// How often it is looked at, at most so much sooner by its name.
const EVERY: Duration = Duration::from_hours(24);
const EVERY_SOONER: Duration = Duration::from_hours(2);
/// How soon after a failure, the same.
const AGAIN: Duration = Duration::from_hours(1);
const AGAIN_SOONER: Duration = Duration::from_mins(10);
/// How often it is complained of.
const COMPLAIN: Duration = Duration::from_hours(24);
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 500;

/// What expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The certificate that a server shows.
    Certificate {
        /// Host name or address.
        host: String,
        /// Port on which it speaks TLS, at once or when it is asked to.
        port: u16,
        /// The name that is asked for (SNI).
        server_name: String,
        /// How TLS is asked for; at once without it.
        starttls: Option<StartTls>,
    },
    /// A domain, by what its registry says.
    Domain {
        /// The name as it is registered, in ASCII.
        name: String,
        /// The registry's RDAP service; found by IANA's list without it.
        rdap: Option<String>,
        /// The registry's whois service, host and port, in place of RDAP.
        whois: Option<(String, u16)>,
    },
    /// A date that is known.
    Date(Time),
}

/// What was seen of a monitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// When it was looked at last.
    pub looked_at: Option<Time>,
    /// When it expires, by the last look that saw it.
    pub expires_at: Option<Time>,
    /// What else was seen then: who issued it, who has it registered.
    pub detail: String,
    /// What the certificate says besides, by the same look.
    pub certificate: Option<Certificate>,
    /// Since when no look has seen it.
    pub failing_since: Option<Time>,
    /// Why not; empty when it was seen.
    pub error: String,
    /// When that was complained of last.
    pub complained_at: Option<Time>,
}

impl Target {
    /// The word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Certificate { .. } => "certificate",
            Self::Domain { .. } => "domain",
            Self::Date(_) => "date",
        }
    }

    /// What is looked at, in a line.
    pub fn shown(&self) -> String {
        match self {
            Self::Certificate {
                host,
                port,
                server_name,
                starttls,
            } => {
                let asked = if server_name == host {
                    String::new()
                } else {
                    format!(" ({server_name})")
                };
                let by = starttls.map(|protocol| format!(" {}", protocol.as_str()));
                format!("{host}:{port}{asked}{}", by.unwrap_or_default())
            }
            Self::Domain { name, .. } => name.clone(),
            Self::Date(at) => at.to_string(),
        }
    }
}

impl Sight {
    /// When a monitor of this name is looked at next.
    pub fn next_look(&self, name: &str, now: Time) -> Time {
        // What was looked at in the future was so before the clock was set back.
        let Some(last) = self.looked_at.filter(|at| *at <= now) else {
            return now;
        };
        let (usual, most) = if self.failing_since.is_some() {
            (AGAIN, AGAIN_SOONER)
        } else {
            (EVERY, EVERY_SOONER)
        };
        last.after(usual.saturating_sub(sooner(name, most)))
    }

    /// Takes in what a look saw.
    pub fn see(
        &mut self,
        expires_at: Time,
        detail: String,
        certificate: Option<Certificate>,
        now: Time,
    ) {
        *self = Self {
            looked_at: Some(now),
            expires_at: Some(expires_at),
            detail,
            certificate,
            ..Self::default()
        };
    }

    /// Takes in that a look saw nothing. What was seen before stays.
    pub fn fail(&mut self, error: &str, now: Time) {
        self.looked_at = Some(now);
        self.failing_since.get_or_insert(now);
        self.error = error.chars().take(LONGEST_ERROR).collect();
    }

    /// Whether it is to be complained of now; that is noted.
    pub fn complain(&mut self, now: Time) -> bool {
        let is_due = self
            .failing_since
            .is_some_and(|since| now >= since.after(PATIENCE));
        let lately = |at: Time| at <= now && now < at.after(COMPLAIN);
        if !is_due || self.complained_at.is_some_and(lately) {
            return false;
        }
        self.complained_at = Some(now);
        true
    }
}

/// How much sooner than usual a name has its turn: always the same, and spread over all names.
fn sooner(name: &str, most: Duration) -> Duration {
    // FNV-1a over 64 bits (parameters: <http://www.isthe.com/chongo/tech/comp/fnv/>).
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Duration::from_secs(hash % most.as_secs())
}
