//! The worker's side: shut in, then render what comes until the pool closes the pipe.

use std::io::{self, Write};
use std::process::ExitCode;

use super::confine::confine;
use super::protocol::{REPLY_BYTES, Reply, Request, frame, next_request};
use crate::check::check;
use crate::environment;
use crate::reader::Reader;
use crate::template::{Limit, RenderError};

/// The whole life of a worker process: the hidden subcommand of the binary calls this before it does
/// anything else (no runtime, no thread, no open file), and returns its exit code.
///
/// Reads requests from standard input and writes replies to standard output; says nothing else.
pub fn worker_main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let confined = confine();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    match confined {
        Ok(filtered) => answer(&mut output, &Reply::Ready { filtered })?,
        Err(why) => return answer(&mut output, &Reply::Unconfined(why)),
    }
    while let Some(request) = next_request(&mut input)? {
        answer(&mut output, &work(request))?;
    }
    Ok(())
}

fn work(request: Request) -> Reply {
    let Request {
        template,
        escape,
        locale,
        zone,
        context,
    } = request;
    let reader = Reader { locale, zone };
    match context {
        Some(context) => {
            let context = environment::with_lists(context);
            Reply::Rendered(environment::render(&template, &context, &reader, escape))
        }
        None => Reply::Checked(check(&template, &reader, escape)),
    }
}

fn answer(output: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let bytes = match frame(reply, REPLY_BYTES)? {
        Some(bytes) => bytes,
        None => frame(
            &Reply::Rendered(Err(RenderError::Limit(Limit::Output))),
            REPLY_BYTES,
        )?
        .unwrap_or_default(),
    };
    output.write_all(&bytes)?;
    output.flush()
}
