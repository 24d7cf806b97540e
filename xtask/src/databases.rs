//! The database servers of the tests: a log-in that may make and drop databases of its own.
//!
//! Where the tests' usual log-in works, or the environment names another, nothing is done. Else one
//! is made by the server's own administrator, who needs no password on the machine itself.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::say;

/// A server and the two log-ins.
struct Server {
    /// What people call it.
    name: &'static str,
    /// The variable by which tests are pointed elsewhere.
    variable: &'static str,
    /// Asks as the tests would without that variable.
    ask_usual: &'static [&'static str],
    /// Makes the log-in of [`Server::made`]; may be repeated.
    make: &'static [&'static [&'static str]],
    /// Asks as that log-in.
    ask_made: &'static [&'static str],
    /// Its URL.
    made: &'static str,
}

const SERVERS: &[Server] = &[
    Server {
        name: "PostgreSQL",
        variable: "BALEFIRE_TEST_POSTGRES",
        ask_usual: &[
            "psql",
            "-wqtA",
            "-c",
            "SELECT 1",
            "postgres://postgres@127.0.0.1:5432/test",
        ],
        make: &[
            &[
                "runuser",
                "-u",
                "postgres",
                "--",
                "psql",
                "-c",
                "CREATE ROLE balefire_test LOGIN CREATEDB PASSWORD 'balefire_test'",
            ],
            &[
                "runuser",
                "-u",
                "postgres",
                "--",
                "psql",
                "-c",
                "CREATE DATABASE balefire_test OWNER balefire_test",
            ],
        ],
        ask_made: &[
            "psql",
            "-wqtA",
            "-c",
            "SELECT 1",
            "postgres://balefire_test:balefire_test@127.0.0.1:5432/balefire_test",
        ],
        made: "postgres://balefire_test:balefire_test@127.0.0.1:5432/balefire_test",
    },
    Server {
        name: "MariaDB",
        variable: "BALEFIRE_TEST_MYSQL",
        ask_usual: &["mariadb", "-h127.0.0.1", "-uroot", "-e", "SELECT 1", "test"],
        make: &[&[
            "mariadb",
            "-e",
            "CREATE DATABASE IF NOT EXISTS balefire_test; \
             CREATE USER IF NOT EXISTS balefire_test@'127.0.0.1' IDENTIFIED BY 'balefire_test'; \
             CREATE USER IF NOT EXISTS balefire_test@localhost IDENTIFIED BY 'balefire_test'; \
             GRANT ALL ON `balefire\\_%`.* TO balefire_test@'127.0.0.1'; \
             GRANT ALL ON `balefire\\_%`.* TO balefire_test@localhost",
        ]],
        ask_made: &[
            "mariadb",
            "-h127.0.0.1",
            "-ubalefire_test",
            "-pbalefire_test",
            "-e",
            "SELECT 1",
            "balefire_test",
        ],
        made: "mysql://balefire_test:balefire_test@127.0.0.1:3306/balefire_test",
    },
];

/// The variables that the tests need; with `install`, log-ins are made where none works.
pub(crate) fn log_ins(install: bool) -> Result<Vec<(&'static str, &'static str)>> {
    let mut variables = Vec::new();
    for server in SERVERS {
        let is_named = std::env::var_os(server.variable).is_some();
        if is_named || works(server.ask_usual) {
            continue;
        }
        if !works(server.ask_made) && install {
            say(&format!("making a log-in for the tests at {}", server.name));
            // One that is there already is an error here and shows by the next question.
            for command in server.make {
                works(command);
            }
        }
        if !works(server.ask_made) {
            bail!(
                "{} runs, but takes no log-in of the tests: set {} to one that may create databases (or run `cargo xtask test --install` as root)",
                server.name,
                server.variable
            );
        }
        variables.push((server.variable, server.made));
    }
    Ok(variables)
}

fn works(command: &[&str]) -> bool {
    let Some((program, arguments)) = command.split_first() else {
        return false;
    };
    let answer = Command::new(program).args(arguments).output();
    answer.is_ok_and(|answer| answer.status.success())
}
