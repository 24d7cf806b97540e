//! Whole stories, told by the built binary against real clients and servers.

mod node;

mod every_accepted_alert_survives_kill_nine;
