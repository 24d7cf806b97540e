//! Connections that stay open between mails, so that a hundred mails are not a hundred handshakes and log-ins.
//!
//! A few wait for at most half a minute, which is less than servers and gateways on the way keep them
//! (wire/smtp.md section 6); after anything but a plain yes a connection is not used again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::dial::Connection;
use super::server::Server;

/// Most connections that wait: as many as an account sends with at once. Microsoft 365 allows three.
const MOST_IDLE: usize = 2;
/// Mails over one connection; servers end it at a hundred and more.
const MOST_MAILS: u32 = 100;
/// Time to say goodbye, which nobody waits for.
const GOODBYE: Duration = Duration::from_secs(2);

/// The pools of one client, one for each server, way there and log-in.
#[derive(Default)]
pub(super) struct Pools(Mutex<Vec<(Server, Arc<Pool>)>>);

impl Pools {
    /// The pool of this server; there are no more than the configuration names.
    pub(super) fn of(&self, server: &Server) -> Arc<Pool> {
        let mut pools = self.0.lock();
        if let Some((_, pool)) = pools.iter().find(|(other, _)| other == server) {
            return Arc::clone(pool);
        }
        let pool = Arc::new(Pool::default());
        pools.push((server.clone(), Arc::clone(&pool)));
        pool
    }
}

/// The idle connections to one server.
#[derive(Default)]
pub(super) struct Pool(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// The one used last at the end.
    idle: Vec<Idle>,
    /// Whether the sweeper looks after them.
    is_swept: bool,
    /// The task that ends them in time; it ends with the pool.
    sweeper: JoinSet<()>,
}

struct Idle {
    connection: Connection,
    until: Instant,
}

impl Pool {
    /// The connection used last. It may have been closed meanwhile, which its first command shows.
    pub(super) fn take(&self) -> Option<Connection> {
        let idle = self.0.lock().idle.pop()?;
        // Should the sweeper be late, the others are older still.
        (idle.until > Instant::now()).then_some(idle.connection)
    }

    /// Keeps a connection for the next mail, for at most this long; one that has served its time ends.
    pub(super) async fn give_back(self: &Arc<Self>, connection: Connection, keep: Duration) {
        if let Some(surplus) = self.keep(connection, keep) {
            goodbye(surplus).await;
        }
    }

    fn keep(self: &Arc<Self>, connection: Connection, keep: Duration) -> Option<Connection> {
        let mut waiting = self.0.lock();
        if connection.mails >= MOST_MAILS || waiting.idle.len() >= MOST_IDLE {
            return Some(connection);
        }
        let until = Instant::now() + keep;
        waiting.idle.push(Idle { connection, until });
        if !std::mem::replace(&mut waiting.is_swept, true) {
            // The one before has found nothing more to do.
            waiting.sweeper = JoinSet::new();
            waiting.sweeper.spawn(sweep(Arc::downgrade(self)));
        }
        None
    }

    /// When the next one has waited long enough; without any, nobody looks after them from now on.
    fn next_end(&self) -> Option<Instant> {
        let mut waiting = self.0.lock();
        let next = waiting.idle.iter().map(|idle| idle.until).min();
        waiting.is_swept = next.is_some();
        next
    }

    fn expired(&self, now: Instant) -> Vec<Connection> {
        let mut waiting = self.0.lock();
        let over = waiting.idle.extract_if(.., |idle| idle.until <= now);
        over.map(|idle| idle.connection).collect()
    }
}

/// Ends connections that nobody used for their time.
async fn sweep(pool: Weak<Pool>) {
    while let Some(until) = pool.upgrade().and_then(|pool| pool.next_end()) {
        tokio::time::sleep_until(until).await;
        let expired = pool.upgrade().map(|pool| pool.expired(Instant::now()));
        for connection in expired.unwrap_or_default() {
            goodbye(connection).await;
        }
    }
}

/// QUIT. A server that does not answer it is left alone.
pub(super) async fn goodbye(mut connection: Connection) {
    if !connection.smtp.has_broken() {
        // Whatever comes back changes nothing.
        let _ = tokio::time::timeout(GOODBYE, connection.smtp.quit()).await;
    }
}
