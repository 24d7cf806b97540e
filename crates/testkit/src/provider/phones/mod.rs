//! Text messages and calls beyond the clouds of Alibaba and Tencent: Twilio, Vonage, Huawei Cloud.

use std::collections::BTreeSet;

use super::{Call, Desk, Sim, Site};
use crate::received::Book;

pub mod huawei;
pub mod twilio;
pub mod vonage;

use huawei::{Huawei, HuaweiSim};
use twilio::{Twilio, TwilioSim};
use vonage::{Vonage, VonageSim};

/// The services.
#[derive(Debug)]
pub struct Phones {
    /// Twilio.
    pub twilio: TwilioSim,
    /// Vonage.
    pub vonage: VonageSim,
    /// Huawei Cloud.
    pub huawei: HuaweiSim,
}

impl Phones {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        Self {
            twilio: Sim::new(book("twilio"), Twilio::new()),
            vonage: Sim::new(book("vonage"), Vonage::new(site.clone())),
            huawei: Sim::new(book("huawei"), Huawei::new()),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 3] {
        [&self.twilio, &self.vonage, &self.huawei]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        match path {
            "/sms/json" => Some(&self.vonage),
            "/sms/batchSendSms/v1" => Some(&self.huawei),
            _ if path.starts_with("/2010-04-01/Accounts/") => Some(&self.twilio),
            _ => None,
        }
    }
}

/// The pairs of a form; none when the call is no form.
fn form(call: &Call) -> Vec<(String, String)> {
    if !call.is_type("application/x-www-form-urlencoded") {
        return Vec::new();
    }
    url::form_urlencoded::parse(&call.body)
        .into_owned()
        .collect()
}

/// The value of a pair, if it is there exactly once.
fn at<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => value,
        _ => "",
    }
}

/// Whether it is a number in E.164.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// These texts.
fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[cfg(test)]
mod tests;
