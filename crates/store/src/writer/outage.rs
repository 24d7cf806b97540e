//! A database server that goes away and comes back: noticed also when nobody writes, waited for without holding
//! anybody up, and asked what became of the commit that it did not answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::db::{Conn, Sql};
use crate::deadline::{self, within};
use crate::error::StoreError;
use crate::writer::doubt::{Doubt, Tried};
use crate::writer::hot::Hot;
use crate::writer::task::{Numbers, Task, fatal};

/// How often a server is looked at while nobody writes.
const LOOK: Duration = Duration::from_secs(5);
/// How often while it is away.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long after a failure callers are refused without another look.
const REFUSE: Duration = Duration::from_millis(500);
/// How often a commit in doubt is written again when something else is in its place.
const TRIES: usize = 3;

/// Changes nothing; a server that only reads refuses it all the same.
const WRITES: Sql = Sql::new("UPDATE meta SET content = content WHERE item = ''");

/// What is remembered of a server that is away.
#[derive(Default)]
pub(crate) struct Outage {
    /// What the last transaction was to write, until it has ended well.
    pub(super) tried: Option<Tried>,
    doubt: Option<Doubt>,
    /// When the server last failed us, and why.
    refused: Option<(Instant, StoreError)>,
}

impl Task {
    pub(super) fn is_away(&self) -> bool {
        self.status.away.load(Ordering::Relaxed)
    }

    fn set_away(&self, why: Option<&StoreError>) {
        if self.status.away.swap(why.is_some(), Ordering::Relaxed) == why.is_some() {
            return;
        }
        if let Some(error) = why {
            tracing::error!(%error, "alerts are refused until the database answers");
        } else {
            tracing::info!("the database is available again");
        }
    }

    /// Ends when the server should be looked at.
    pub(super) fn idle(&self) -> impl Future<Output = ()> + use<> {
        tokio::time::sleep(if self.is_away() { LOOK_AGAIN } else { LOOK })
    }

    /// Whether the server is there and takes writes. An error means that the task must end.
    pub(super) async fn look_for_server(&mut self) -> Result<(), StoreError> {
        if let Err(error) = self.clear_doubt().await {
            return fatal(error);
        }
        let seen = match self.connected().await {
            Ok(conn) => {
                let dialect = conn.dialect();
                within(deadline::COMMIT, dialect, conn.execute(WRITES, Vec::new())).await
            }
            Err(error) => Err(error),
        };
        self.asked(seen).await.map(drop).or_else(fatal)
    }

    /// After the database was asked something: notes whether it is there, and brings the connection back to a
    /// known state.
    pub(super) async fn asked<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        match &done {
            Ok(_) => self.set_away(None),
            // What the connection has done is unknown; a new one reads the numbers again.
            Err(error @ StoreError::Unavailable(_)) => {
                self.conn = None;
                self.refuse(error);
            }
            Err(StoreError::Conflict(_)) => {
                if let Some(conn) = &mut self.conn {
                    conn.rollback().await;
                }
                self.conn = None;
            }
            Err(_) => {
                if let Some(conn) = &mut self.conn {
                    conn.rollback().await;
                }
            }
        }
        done
    }

    /// The connection; a new one when the last was lost, with numbers and names read again.
    pub(super) async fn connected(&mut self) -> Result<&mut Conn, StoreError> {
        if let Some(ground) = &self.ground {
            ground.still_there()?;
        }
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().await?,
        };
        Ok(self.conn.insert(conn))
    }

    async fn connect(&mut self) -> Result<Conn, StoreError> {
        if let Some((at, why)) = &self.outage.refused
            && at.elapsed() < REFUSE
        {
            return Err(why.clone());
        }
        let made = self.make_connection().await;
        match &made {
            Ok(_) => self.outage.refused = None,
            Err(error) => self.refuse(error),
        }
        made
    }

    /// Callers that wait already are not let wait for another time-out.
    fn refuse(&mut self, error: &StoreError) {
        self.set_away(Some(error));
        self.outage.refused = Some((Instant::now(), error.clone()));
    }

    async fn make_connection(&mut self) -> Result<Conn, StoreError> {
        let mut conn = self.target.connect().await?;
        let dialect = conn.dialect();
        let read = async {
            self.numbers = Numbers::load(&mut conn, self.node).await?;
            self.names.reload_with(&mut conn).await
        };
        within(deadline::COMMIT, dialect, read).await?;
        self.fresh.announce(self.numbers.event - 1);
        Ok(conn)
    }

    /// Answers the callers of a batch that could not be written. Where it may have been written all the same,
    /// only the senders of alerts are answered; the others wait until that is known.
    pub(super) fn set_aside(&mut self, mut hot: Hot, error: StoreError) -> Result<(), StoreError> {
        let tried = self.outage.tried.take();
        if matches!(error, StoreError::Unavailable(_)) {
            hot.refuse_appends(&error);
            if let Some(tried) = tried
                && hot.calls() > 0
            {
                self.outage.doubt = Some(Doubt { hot, tried });
                return Ok(());
            }
        }
        hot.fail(&error);
        fatal(error)
    }

    /// Finds out what became of the commit that was not answered, and makes it where it was not made.
    pub(super) async fn clear_doubt(&mut self) -> Result<(), StoreError> {
        let Some(mut doubt) = self.outage.doubt.take() else {
            return Ok(());
        };
        let mut error = StoreError::Closed;
        for _ in 0..TRIES {
            error = match self.resolve(&mut doubt).await {
                Ok(None) => match self.write_once(&doubt.hot.batch()).await {
                    Ok(plan) => {
                        self.answer(doubt.hot, plan);
                        return Ok(());
                    }
                    Err(error) => error,
                },
                Ok(Some(decided)) => {
                    doubt.hot.answer(Vec::new(), decided);
                    return Ok(());
                }
                Err(error) => error,
            };
            if let StoreError::Unavailable(_) = error {
                if let Some(tried) = self.outage.tried.take() {
                    doubt.tried = tried;
                }
                self.outage.doubt = Some(doubt);
                return Err(error);
            }
            // It may have been made at last, while we were about to make it again.
            if !matches!(error, StoreError::Conflict(_)) {
                break;
            }
        }
        doubt.hot.fail(&error);
        fatal(error)
    }

    async fn resolve(
        &mut self,
        doubt: &mut Doubt,
    ) -> Result<Option<Vec<crate::notification::Decided>>, StoreError> {
        let conn = self.connected().await?;
        let dialect = conn.dialect();
        let known = within(deadline::COMMIT, dialect, doubt.tried.committed(conn)).await;
        self.asked(known).await
    }
}
