//! Ways in: one file per sender's format. Pure parsers: bytes in, alerts and complaints out.
//!
//! A parser never fails a batch for one bad item, never adds a label to an alert that brings its
//! own, never asks for the time, and never follows a link: it may say which certificate its sender signs
//! with, and which address confirms a subscription.
#![warn(missing_docs)]

pub mod ask;
pub mod bounds;
pub mod json;
pub mod manners;
pub mod parsed;
pub mod registry;
pub mod setup;
pub mod spec;

pub mod alertmanager;
pub mod aliyun_cms;
pub mod aliyun_sls;
pub mod apprise_api;
pub mod aws_sns;
pub mod azure_monitor;
pub mod cloudevents;
pub mod datadog;
pub mod elastalert;
pub mod gcp_monitoring;
pub mod generic;
pub mod github;
pub mod gitlab;
pub mod gotify;
pub mod grafana;
pub mod huawei_smn;
pub mod inbox;
pub mod jenkins;
pub mod kibana;
pub mod mail;
pub mod nightingale;
pub mod ntfy;
pub mod open_falcon;
pub mod opsgenie;
pub mod pagerduty_events;
pub mod prometheus;
pub mod prometheusalert;
pub mod sentry;
pub mod slack_incoming;
pub mod tencent_monitor;
pub mod text;
pub mod uptime_kuma;
pub mod volcengine;
pub mod zabbix;

mod certificate;
mod content;
mod detect;
mod digest;
mod draft;
mod form;
mod header_words;
mod inbound;
mod link;
mod mark;
mod message;
mod notice;
mod signature;
mod when;
