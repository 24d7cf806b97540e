//! Stories of the running machine: what is promised from a 2xx to the last word of a provider.

mod a_failed_try_is_made_again;
mod a_lane_of_its_own;
mod a_newer_notice_takes_over;
mod a_storm_is_told_in_digests;
mod after_a_crash;
mod an_account_has_quiet_hours;
mod calendars_that_are_fetched;
mod calls_follow_who_is_on_call;
mod files_that_are_handed_in;
mod jobs_that_say_nothing_are_missed;
mod nobody_answers;
mod nobody_is_forgotten;
mod one_message_lives;
mod silences_that_recur;
mod somebody_answers_before_it_is_told;
mod telephones_place_calls;
mod the_operator_changes_something;
mod what_another_document_would_have_told;
mod what_became_of_it_is_asked;
mod what_cannot_be_delivered;
mod what_comes_in;
mod what_is_looked_at_keeps_its_reminder;
mod what_will_expire_is_told;
mod whoever_stands_in_is_paged;
mod why_agrees_with_a_witness;
mod world;
