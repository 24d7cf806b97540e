//! One suite for all three databases: each test is a function over a [`Place`](place::Place), instantiated per engine.
//!
//! PostgreSQL and MariaDB must be running; BALEFIRE_TEST_POSTGRES and BALEFIRE_TEST_MYSQL name other servers.

mod alarm;
mod booking;
mod calendar;
mod call;
mod claim;
mod contact;
mod delivery;
mod file;
mod forwarding;
mod heartbeat;
mod identity;
mod incident;
mod inquiry;
mod log;
mod monitor;
mod place;
mod posted;
mod rare;
mod receipt;
mod reminder;
mod retention;
mod sample;
mod schema;
mod silence_series;
mod told_last;

use place::{Engine, Place};

/// Runs a test in a database of its own, which is removed even when the test fails.
async fn run<F, T>(engine: Engine, test: F)
where
    F: FnOnce(std::sync::Arc<Place>) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let place = std::sync::Arc::new(Place::make(engine).await);
    let ended = tokio::spawn(test(std::sync::Arc::clone(&place))).await;
    if let Some(place) = std::sync::Arc::into_inner(place) {
        place.remove().await;
    }
    if let Err(failed) = ended {
        std::panic::resume_unwind(failed.into_panic());
    }
}

macro_rules! suite {
    ($($module:ident: $($test:ident),+;)+) => {
        suite!(@ sqlite, Sqlite, $($module: $($test),+;)+);
        suite!(@ postgres, Postgres, $($module: $($test),+;)+);
        suite!(@ mysql, MySql, $($module: $($test),+;)+);
    };
    (@ $name:ident, $engine:ident, $($module:ident: $($test:ident),+;)+) => {
        mod $name {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::run(crate::Engine::$engine, crate::$module::$test).await;
                }
            )+)+
        }
    };
}

suite! {
    contact:
        a_code_is_its_numbers_until_it_is_over,
        an_address_is_verified_for_one_person_and_no_other_address;
    posted:
        a_message_is_found_by_its_id_and_only_live_ones_are_listed,
        what_is_over_or_old_is_forgotten;
    silence_series:
        what_recurs_is_read_back_and_written_anew_under_its_id;
    receipt:
        a_providers_id_finds_the_notifications_of_its_call,
        an_account_awaits_receipts_until_they_have_come,
        receipts_are_kept_once_each_in_the_order_they_were_heard;
    inquiry:
        a_question_waits_for_its_time_and_one_of_two_goes_on_with_it;
    alarm:
        alarms_are_listed_by_each_filter_whatever_stands_in_them,
        an_alarm_has_its_notifications_with_the_decision_that_makes_them,
        an_alarm_that_nobody_came_back_to_is_taken_over_by_one,
        a_signed_id_is_stored_once,
        a_mark_counts_for_as_long_as_its_window,
        departments_set_by_api_keep_the_secrets_that_are_not_named,
        old_alarms_go_and_the_newest_stays,
        groups_set_by_api_are_kept_by_owner_and_level,
        one_caller_makes_a_chat_group;
    booking:
        a_booking_reads_back_as_it_was_made_and_cancelled,
        of_two_nodes_the_second_sees_what_the_first_has_booked;
    log:
        what_is_appended_is_read_back_after_a_reopen,
        callers_that_wait_together_share_a_commit_and_keep_their_own_numbers,
        pages_go_forwards_and_backwards_across_rows,
        a_tail_hands_out_every_event_once_and_in_order,
        a_tail_that_fell_behind_reads_the_gap_from_the_database,
        a_key_is_found_again_with_the_alert_it_stood_for_last,
        nothing_is_accepted_after_a_close,
        a_damaged_row_is_found_at_the_start;
    delivery:
        a_decision_and_its_notifications_are_one,
        a_delivered_notification_leaves_the_pending_ones,
        a_failed_try_waits_for_its_time_and_is_then_due,
        a_superseded_notification_that_was_delivered_stays_delivered,
        the_same_attempt_is_stored_once,
        a_dead_letter_keeps_its_message_and_can_be_sent_again,
        a_list_is_narrowed_by_each_filter,
        a_thousand_settlements_of_all_kinds_take_effect,
        an_end_without_a_try_keeps_its_reason_and_the_tries_before_it,
        a_dead_letter_that_was_sent_again_is_listed_by_what_became_of_it,
        a_notification_that_is_born_settled_never_waits,
        an_answer_with_nul_or_too_long_is_kept_as_far_as_possible,
        what_to_do_about_a_failure_is_kept_beside_the_answer;
    claim:
        the_notifications_of_a_dead_node_are_taken_over_once,
        only_overdue_retries_of_others_are_claimed;
    call:
        a_call_is_placed_once_and_the_first_end_counts,
        a_later_try_begins_a_call_anew,
        calls_are_listed_newest_first_by_state_and_page,
        telephones_are_kept_by_name_and_only_the_latest;
    rare:
        a_checkpoint_replaces_the_one_before_and_reads_back_whole,
        an_interrupted_checkpoint_does_not_count,
        a_damaged_checkpoint_is_not_loaded,
        rejected_requests_are_listed_newest_first,
        a_configuration_is_stored_once_per_content,
        a_fact_is_overwritten,
        a_full_check_counts_every_row_and_names_damage,
        what_the_database_promises_is_reported;
    heartbeat:
        heartbeats_read_back_as_they_were_left,
        any_number_of_heartbeats_is_one_write,
        a_heartbeat_that_was_made_reads_back_and_its_revision_moves_with_it,
        of_two_nodes_that_make_a_heartbeat_of_one_name_the_second_sees_the_first,
        a_badges_address_is_renewed_for_itself_alone;
    identity:
        what_a_platform_said_last_of_a_person_is_what_is_kept;
    calendar:
        a_calendar_reads_back_with_its_copy_and_is_forgotten_whole,
        of_two_nodes_one_fetches_and_one_that_was_held_up_overwrites_nothing;
    monitor:
        a_monitor_reads_back_as_it_was_looked_at;
    reminder:
        a_reminder_reads_back_as_it_was_made_and_changed,
        two_reminders_of_one_name_are_refused_whoever_is_first,
        reminders_are_searched_for_word_by_word_and_paged,
        only_what_may_have_to_be_told_is_read,
        that_a_stage_was_told_is_written_with_the_decision,
        of_two_nodes_that_tell_a_stage_one_does;
    forwarding:
        of_two_nodes_that_tell_a_telephone_of_a_change_one_does;
    told_last:
        what_somebody_was_told_last_is_written_with_the_decision_that_tells_them;
    retention:
        nothing_goes_without_a_checkpoint,
        what_is_old_goes_and_numbers_go_on,
        what_a_pending_notification_needs_stays,
        a_store_that_is_too_large_loses_its_oldest_rows;
    incident:
        an_incident_and_its_timeline_are_read_back_after_a_reopen,
        roles_are_read_back_by_number_key_and_list,
        a_key_is_opened_once_however_many_ask,
        what_is_refused_changes_nothing,
        one_of_many_who_acknowledge_at_once_has_it,
        what_two_nodes_write_at_once_is_all_there,
        a_removed_incident_leaves_nothing_and_its_number_is_not_given_again,
        files_are_put_on_an_incidents_list_and_taken_off,
        a_list_of_incidents_has_an_order_and_pages,
        a_list_of_incidents_is_narrowed_by_each_filter,
        texts_that_look_like_statements_are_texts,
        damage_in_a_row_is_named;
    file:
        a_file_is_read_back_byte_for_byte_after_a_reopen,
        of_one_name_the_newest_is_meant_and_the_older_stay,
        a_file_without_all_its_pieces_does_not_count,
        a_quota_of_files_and_bytes_is_kept,
        what_belongs_to_no_file_is_swept_when_nothing_more_comes,
        a_damaged_piece_is_not_handed_out,
        files_take_no_room_from_history,
        two_nodes_give_their_files_different_numbers;
    schema:
        a_newer_schema_is_refused_with_a_word_about_it,
        an_altered_history_is_refused,
        a_step_that_was_cut_off_is_finished_at_the_next_start;
}
