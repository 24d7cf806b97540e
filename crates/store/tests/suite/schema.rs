//! The schema and its history.

use std::sync::Arc;

use balefire_store::OpenError;

use crate::place::{Engine, Place};
use crate::sample::{alert, at};

pub(crate) async fn a_newer_schema_is_refused_with_a_word_about_it(place: Arc<Place>) {
    place.open().await.close().await;
    let columns = "version, description, success, checksum, execution_time";
    place
        .meddle(&format!(
            "INSERT INTO _sqlx_migrations ({columns}) \
             SELECT 900000, description, success, checksum, execution_time \
             FROM _sqlx_migrations WHERE version = 1000"
        ))
        .await;
    let refused = place.try_open(1).await.map(drop).expect_err("refused");
    assert!(
        matches!(
            refused,
            OpenError::Newer {
                found: 900_000,
                known: 2000..
            }
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("newer Balefire"), "{refused}");
}

pub(crate) async fn an_altered_history_is_refused(place: Arc<Place>) {
    place.open().await.close().await;
    let other = match place.engine {
        Engine::Sqlite | Engine::MySql => "X'00'",
        Engine::Postgres => "'\\x00'",
    };
    place
        .meddle(&format!(
            "UPDATE _sqlx_migrations SET checksum = {other} WHERE version = 1000"
        ))
        .await;
    let refused = place.try_open(1).await.map(drop);
    assert!(
        matches!(refused, Err(OpenError::Altered(1000))),
        "{refused:?}"
    );
}

pub(crate) async fn a_step_that_was_cut_off_is_finished_at_the_next_start(place: Arc<Place>) {
    let store = place.open().await;
    store
        .writer()
        .append(vec![alert("a")], at(1))
        .await
        .expect("append");
    store.close().await;
    match place.engine {
        // A file is one transaction: it is as if it had never begun.
        Engine::Sqlite | Engine::Postgres => {
            place
                .meddle(
                    "DROP INDEX attempt_rare; DROP INDEX waiting_due; \
                     DELETE FROM _sqlx_migrations WHERE version = 2000",
                )
                .await;
        }
        // The crash came after the statement of one step, and before the next step.
        Engine::MySql => {
            place
                .meddle(
                    "ALTER TABLE attempt DROP INDEX attempt_rare; \
                     DELETE FROM _sqlx_migrations WHERE version = 2001; \
                     UPDATE _sqlx_migrations SET success = FALSE WHERE version = 2000",
                )
                .await;
            place.open().await.close().await;
            // And this one before the statement of a step.
            place
                .meddle(
                    "ALTER TABLE attempt DROP INDEX attempt_rare; \
                     UPDATE _sqlx_migrations SET success = FALSE WHERE version = 2001",
                )
                .await;
        }
    }
    let store = place.open().await;
    assert_eq!(store.events(0, 9).await.expect("events").len(), 1);
    store.close().await;
    // Done once and noted: nothing is left to do.
    place.open().await.close().await;
}
