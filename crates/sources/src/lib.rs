//! Ways in: one file per sender's format. Pure parsers: bytes in, alerts and complaints out.
//!
//! A parser never fails a batch for one bad item, never adds a label to an alert that brings its
//! own, never asks for the time, and never follows a link.
#![warn(missing_docs)]

pub mod bounds;
pub mod json;
pub mod parsed;
pub mod registry;
pub mod spec;

pub mod alertmanager;
pub mod aliyun_cms;
pub mod cloudevents;
pub mod generic;
pub mod grafana;
pub mod inbox;
pub mod prometheus;
pub mod prometheusalert;
pub mod tencent_monitor;
pub mod text;
pub mod uptime_kuma;
pub mod zabbix;

mod content;
mod detect;
mod draft;
mod form;
mod link;
mod signature;
mod when;
