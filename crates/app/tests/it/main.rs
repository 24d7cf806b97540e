//! Whole stories, told by the built binary against real clients and servers.

mod ask;
mod command;
mod node;
mod stage;

mod a_message_sent_by_hand_is_followed_to_its_end;
mod a_prometheus_rule_reaches_every_channel;
mod a_second_process_is_refused_with_the_pid_of_the_first;
mod documents_in_the_manual_are_good;
mod every_accepted_alert_survives_kill_nine;
mod every_source_speaks_to_the_inbox;
mod send_test_prints_the_answer_and_the_fix;
mod shadow_mode_reports_where_the_two_differ;
mod the_command_line_speaks_json_and_keeps_its_exit_codes;
mod the_same_story_on_every_store;
mod what_alertmanager_loses_in_silence_is_delivered;
