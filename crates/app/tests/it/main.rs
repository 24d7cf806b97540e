//! Whole stories, told by the built binary against real clients and servers.

mod ask;
mod node;

mod a_prometheus_rule_reaches_every_channel;
mod every_accepted_alert_survives_kill_nine;
mod every_source_speaks_to_the_inbox;
mod the_same_story_on_every_store;
mod what_alertmanager_loses_in_silence_is_delivered;
