//! A worker on its own, for this crate's tests. The product's binary calls the same function from its
//! hidden `template-worker` subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    balefire_template::sandbox::worker_main()
}
