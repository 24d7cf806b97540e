//! `/api/v1/channels`: the ways out and how they do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_channels::error::ErrorKind;
use balefire_channels::layers::breaker::BreakerState;
use balefire_channels::registry;
use balefire_core::duration;
use balefire_core::time::Time;
use balefire_engine::engine::{ChannelState, LastFailure, QuotaLeft, Standing};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// The configured accounts by name, and every kind there is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelList {
    channels: Vec<ChannelView>,
    kinds: Vec<KindView>,
}

/// A kind of channel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KindView {
    /// As in `kind: dingtalk_robot`.
    kind: &'static str,
    title: &'static str,
    /// The key in a receiver, as in `dingtalk_configs`.
    receiver_key: &'static str,
    /// The vendor's page; empty for what Balefire serves itself.
    page: &'static str,
    /// How many accounts of this kind are configured.
    accounts: usize,
}

/// An account. Figures are those of this node since its start.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelView {
    #[schema(value_type = String)]
    name: Arc<str>,
    kind: &'static str,
    title: &'static str,
    /// The receivers that tell through it.
    #[schema(value_type = Vec<String>)]
    receivers: Vec<Arc<str>>,
    /// `untried` since the start, `good`, `held` by a quota, `troubled` or `misconfigured` as of the last try, or
    /// `down` when the provider does not answer.
    health: &'static str,
    /// Notices that wait in memory.
    waiting: usize,
    /// Whether further ones wait in the store.
    more_in_store: bool,
    /// Calls under way.
    under_way: usize,
    /// `closed` lets calls through, `open` lets none, `half_open` lets one try.
    breaker: &'static str,
    /// Until when the breaker is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    breaker_until: Option<Time>,
    /// Until when the provider wants no calls.
    #[schema(value_type = Option<String>, format = DateTime)]
    held_until: Option<Time>,
    quotas: Vec<QuotaView>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Time>,
    last_failure: Option<FailureView>,
}

/// What is left of a quota.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotaView {
    /// Calls that are allowed.
    calls: u32,
    /// In this long, such as `1m`.
    per: String,
    /// Calls left at this moment.
    left: u32,
}

/// A try that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureView {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    #[schema(value_type = String)]
    kind: ErrorKind,
    /// What the provider said.
    detail: String,
    /// What a person can do about it; may be empty.
    fix: &'static str,
}

impl ChannelView {
    fn of(state: ChannelState) -> Self {
        let (name, health) = (state.name, state.health.as_str());
        let known = state.standing.unwrap_or(Standing {
            waiting: 0,
            more_in_store: false,
            under_way: 0,
            breaker: BreakerState::Closed,
            quotas: Vec::new(),
            held_until: None,
            last_success: None,
            last_failure: None,
        });
        let (breaker, breaker_until) = match known.breaker {
            BreakerState::Closed => ("closed", None),
            BreakerState::OpenUntil(at) => ("open", Some(at)),
            BreakerState::HalfOpen => ("half_open", None),
        };
        Self {
            name,
            kind: state.spec.kind,
            title: state.spec.title.0,
            receivers: state.receivers,
            health,
            waiting: known.waiting,
            more_in_store: known.more_in_store,
            under_way: known.under_way,
            breaker,
            breaker_until,
            held_until: known.held_until,
            quotas: known.quotas.into_iter().map(QuotaView::of).collect(),
            last_success_at: known.last_success,
            last_failure: known.last_failure.map(FailureView::of),
        }
    }
}

impl QuotaView {
    fn of(quota: QuotaLeft) -> Self {
        Self {
            calls: quota.calls,
            per: duration::format(quota.per),
            left: quota.left,
        }
    }
}

impl FailureView {
    fn of(failure: LastFailure) -> Self {
        let LastFailure {
            at,
            kind,
            detail,
            fix,
        } = failure;
        Self {
            at,
            kind,
            detail,
            fix,
        }
    }
}

/// The configured accounts and how they do, and every kind of channel. Tried by `POST /api/v1/messages` with
/// `test`.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, body = ChannelList))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ChannelList>, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let channels = state.engine.channels().await;
    let kinds = registry::CHANNELS.iter().map(|spec| KindView {
        kind: spec.kind,
        title: spec.title.0,
        receiver_key: spec.receiver_key,
        page: spec.vendor_page,
        accounts: channels
            .iter()
            .filter(|channel| channel.spec.kind == spec.kind)
            .count(),
    });
    let kinds = kinds.collect();
    Ok(Json(ChannelList {
        kinds,
        channels: channels.into_iter().map(ChannelView::of).collect(),
    }))
}
