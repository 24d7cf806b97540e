//! Rare writes: each runs alone, in its own transaction, so that its failure is its own.

use futures_util::future::BoxFuture;

use crate::db::{Arg, Conn, Sql};
use crate::error::StoreError;
use crate::writer::Answer;

/// What a chore works with: the writing connection inside an open transaction.
pub(crate) struct Desk<'d> {
    pub(crate) conn: &'d mut Conn,
    pub(crate) node: u16,
}

impl Desk<'_> {
    pub(crate) async fn execute(&mut self, sql: Sql, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.conn.execute(sql, args).await
    }

    /// The next free number of a table.
    pub(crate) async fn next(&mut self, last: Sql) -> Result<i64, StoreError> {
        Ok(self.conn.number(last, Vec::new()).await?.unwrap_or(0) + 1)
    }
}

/// Work for the writing task.
pub(crate) trait Work<T>:
    for<'d> Fn(&'d mut Desk<'_>) -> BoxFuture<'d, Result<T, StoreError>> + Send + 'static
{
}

impl<T, F> Work<T> for F where
    F: for<'d> Fn(&'d mut Desk<'_>) -> BoxFuture<'d, Result<T, StoreError>> + Send + 'static
{
}

/// A chore whose kind of result the task need not know.
pub(crate) trait AnyChore: Send {
    /// Whether it may use the space that is kept back for the day the disk is full.
    fn may_use_reserve(&self) -> bool;
    fn run<'d>(&'d mut self, desk: &'d mut Desk<'_>) -> BoxFuture<'d, Result<(), StoreError>>;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(crate) struct Chore<T, W> {
    work: W,
    result: Option<T>,
    answer: Answer<T>,
    may_use_reserve: bool,
}

impl<T: Send + 'static, W: Work<T>> Chore<T, W> {
    pub(crate) fn boxed(work: W, answer: Answer<T>, may_use_reserve: bool) -> Box<dyn AnyChore> {
        Box::new(Self {
            work,
            result: None,
            answer,
            may_use_reserve,
        })
    }
}

impl<T: Send + 'static, W: Work<T>> AnyChore for Chore<T, W> {
    fn may_use_reserve(&self) -> bool {
        self.may_use_reserve
    }

    fn run<'d>(&'d mut self, desk: &'d mut Desk<'_>) -> BoxFuture<'d, Result<(), StoreError>> {
        Box::pin(async move {
            self.result = None;
            self.result = Some((self.work)(desk).await?);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        // A caller that gave up needs no answer.
        let _ = answer.send(committed.and_then(|()| result.ok_or(StoreError::Closed)));
    }
}
