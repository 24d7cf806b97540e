//! The pool: starts workers as they are needed, hands each one request at a time.

use std::sync::{Arc, Mutex, PoisonError};

use balefire_core::message::{Custom, GroupView, Message};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::timeout;

use super::process::Worker;
use super::protocol::{REQUEST_BYTES, Reply, Request, frame};
use super::strikes::{self, Strikes};
use super::{Limits, WorkerCommand};
use crate::check::Problem;
use crate::context;
use crate::escape::Escape;
use crate::reader::Reader;
use crate::template::{Limit, RenderError, Rendered, SOURCE_BYTES, Template};

/// Renders operators' templates in worker processes. Cheap to clone; dropping the last one ends the workers.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    command: WorkerCommand,
    limits: Limits,
    /// Room at the workers and in the queue before them.
    admission: Semaphore,
    /// One permit for each worker that may run.
    running: Semaphore,
    idle: Mutex<Vec<Worker>>,
    strikes: Strikes,
}

impl Sandbox {
    /// A pool of up to `size` workers (at least one); none is started before the first request.
    pub fn new(command: WorkerCommand, size: usize) -> Self {
        Self::with_limits(
            command,
            Limits {
                workers: size.max(1),
                ..Limits::default()
            },
        )
    }

    /// A pool with its own times and sizes.
    pub fn with_limits(command: WorkerCommand, limits: Limits) -> Self {
        let workers = limits.workers.max(1);
        Self(Arc::new(Pool {
            command,
            limits,
            admission: Semaphore::new(workers + limits.waiting),
            running: Semaphore::new(workers),
            idle: Mutex::default(),
            strikes: Strikes::default(),
        }))
    }

    /// The operator's words for a group, escaped for the markup of the channel they go to.
    ///
    /// On an error the caller sends the default message; [`RenderError`] says whose fault it was.
    pub async fn render(
        &self,
        template: &Template,
        group: &GroupView,
        reader: &Reader,
        escape: Escape,
    ) -> Rendered {
        self.render_data(template, context::of(group, reader), reader, escape)
            .await
    }

    /// The body of a request by an operator's template; `None` when it is blank.
    pub async fn body(
        &self,
        source: &str,
        message: &Message,
        id: &str,
        params: &Value,
        escape: Escape,
    ) -> Result<Option<String>, RenderError> {
        let template = Template {
            title: None,
            text: Some(source.to_owned()),
        };
        let data = context::of_message(message, id, params);
        let reader = Reader {
            locale: message.locale,
            zone: message.zone.clone(),
        };
        let rendered = self.render_data(&template, data, &reader, escape).await?;
        Ok(rendered.text)
    }

    /// The same with data of the caller's own, shaped as [`crate::context::of`] makes it (a playground).
    pub async fn render_data(
        &self,
        template: &Template,
        context: Value,
        reader: &Reader,
        escape: Escape,
    ) -> Rendered {
        if template.is_empty() {
            return Ok(Custom::default());
        }
        let name = strikes::name(template);
        if !self.0.strikes.allow(name) {
            return Err(RenderError::HeldBack);
        }
        let outcome = self.rendered(template, context, reader, escape).await;
        self.0.strikes.record(name, outcome.as_ref().err());
        outcome
    }

    async fn rendered(
        &self,
        template: &Template,
        context: Value,
        reader: &Reader,
        escape: Escape,
    ) -> Rendered {
        let within = self.0.limits.render;
        match self
            .ask(template, Some(context), reader, escape, within)
            .await?
        {
            Reply::Rendered(rendered) => rendered,
            _ => Err(RenderError::Died),
        }
    }

    /// Tries a template on all samples ([`crate::check::check`], in a worker); a limit it went over is
    /// one of the problems, an error here means that no worker could do it.
    pub async fn check(
        &self,
        template: &Template,
        reader: &Reader,
        escape: Escape,
    ) -> Result<Vec<Problem>, RenderError> {
        let within = self.0.limits.check;
        match self.ask(template, None, reader, escape, within).await {
            Ok(Reply::Checked(problems)) => Ok(problems),
            Ok(_) => Err(RenderError::Died),
            Err(error) if error.is_limit() => {
                let message = error.to_string();
                Ok(vec![Problem {
                    at: None,
                    message,
                    sample: None,
                    warning: false,
                }])
            }
            Err(error) => Err(error),
        }
    }

    async fn ask(
        &self,
        template: &Template,
        context: Option<Value>,
        reader: &Reader,
        escape: Escape,
        within: std::time::Duration,
    ) -> Result<Reply, RenderError> {
        if template
            .parts()
            .any(|(_, source)| source.len() > SOURCE_BYTES)
        {
            return Err(RenderError::Limit(Limit::Source));
        }
        let request = Request {
            template: template.clone(),
            escape,
            locale: reader.locale,
            zone: reader.zone.clone(),
            context,
        };
        let frame = frame(&request, REQUEST_BYTES)
            .map_err(|error| RenderError::Unavailable(error.to_string()))?
            .ok_or(RenderError::Limit(Limit::Request))?;
        let _admitted = self.admit()?;
        let _running = timeout(self.0.limits.wait, self.0.running.acquire())
            .await
            .map_err(|_| RenderError::Busy)?;
        let mut worker = self.worker().await?;
        // An error drops the worker, and dropping kills it.
        let reply = worker.ask(&frame, within).await?;
        if worker.answered < self.0.limits.renderings {
            self.idle().push(worker);
        }
        Ok(reply)
    }

    fn admit(&self) -> Result<SemaphorePermit<'_>, RenderError> {
        self.0.admission.try_acquire().map_err(|error| match error {
            TryAcquireError::NoPermits | TryAcquireError::Closed => RenderError::Busy,
        })
    }

    /// An idle worker that still lives, else a new one.
    async fn worker(&self) -> Result<Worker, RenderError> {
        loop {
            let Some(mut worker) = self.idle().pop() else {
                break;
            };
            if worker.lives() {
                return Ok(worker);
            }
        }
        Worker::start(&self.0.command, self.0.limits.start).await
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
