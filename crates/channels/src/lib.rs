//! Ways out: one file per provider.
//!
//! A channel turns a [`balefire_core::message::Message`] into its provider's request and the reply
//! into one [`error::SendError`] or receipt per target. It never retries, never waits for a quota
//! and never records: those are the delivery's layers around it.
#![warn(missing_docs)]

pub mod aliyun;
pub mod autocall;
pub mod callback;
pub mod channel;
mod chat;
pub mod click;
mod cloud;
pub mod command;
pub mod cut;
pub mod dial;
pub mod dingtalk_app;
pub mod dingtalk_robot;
pub mod directory;
pub mod discord;
pub mod email;
mod envelope;
pub mod error;
pub mod feishu_app;
pub mod feishu_robot;
pub mod googlechat;
pub mod http;
pub mod http_request;
pub mod huawei;
pub mod inbox;
pub mod layers;
pub mod look;
pub mod markup;
pub mod matrix;
pub mod mattermost;
mod multipart;
pub mod opsgenie;
pub mod options;
pub mod pagerduty;
mod percent;
pub mod personal;
pub mod phone;
pub mod picture;
pub mod push;
pub mod registry;
pub mod reports;
pub mod sign;
pub mod slack;
pub mod smpp;
pub mod teams;
pub mod telegram;
pub mod tencent;
#[cfg(test)]
mod tests;
pub mod threads;
pub mod token;
pub mod twilio;
pub mod vonage;
pub mod webhook;
pub mod wecom;

pub use channel::spec;
