//! A database of a test's own on the PostgreSQL and the MariaDB that tests use, dropped at the end.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Url;

/// A database that is gone after the test.
pub(crate) struct Database {
    /// Where it is, as a store's address.
    pub(crate) url: Url,
    drop: Command,
}

impl Drop for Database {
    fn drop(&mut self) {
        // A database that cannot be dropped is only untidy.
        let _ = self.drop.output();
    }
}

impl Database {
    /// On PostgreSQL, or the server that `BALEFIRE_TEST_POSTGRES` names.
    pub(crate) fn postgres() -> Self {
        let server = server(
            "BALEFIRE_TEST_POSTGRES",
            "postgres://postgres@127.0.0.1:5432/test",
        );
        let ask = |sql: String| {
            let mut psql = Command::new("psql");
            psql.args(["-q", "-d", server.as_str(), "-c", &sql]);
            psql
        };
        Self::make(&server, |name| {
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            (ask(format!("CREATE DATABASE {name}")), ask(drop))
        })
    }

    /// On MariaDB, or the server that `BALEFIRE_TEST_MYSQL` names.
    pub(crate) fn mariadb() -> Self {
        let server = server("BALEFIRE_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test");
        let ask = |sql: String| mariadb(&server, &sql);
        Self::make(&server, |name| {
            let drop = format!("DROP DATABASE {name}");
            (ask(format!("CREATE DATABASE {name}")), ask(drop))
        })
    }

    /// Runs statements in a MariaDB's database.
    pub(crate) fn fill(&self, sql: &str) {
        let name = self.url.path().trim_start_matches('/');
        let mut statements = mariadb(&self.url, sql);
        statements.args(["--default-character-set=utf8mb4", name]);
        run(statements);
    }

    fn make(server: &Url, commands: impl Fn(&str) -> (Command, Command)) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("balefire_story_{}_{number}", std::process::id());
        let (create, drop) = commands(&name);
        run(create);
        let mut url = server.clone();
        url.set_path(&name);
        Self { url, drop }
    }

    /// The server's `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", host(&self.url), port(&self.url))
    }

    /// The same database reached through another port of the loopback, in clear text, so that who stands
    /// between can read along.
    pub(crate) fn through(&self, port: u16) -> String {
        let mut url = self.url.clone();
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        let clear = match url.scheme() {
            "mysql" => ("ssl-mode", "DISABLED"),
            _ => ("sslmode", "disable"),
        };
        url.query_pairs_mut().clear().append_pair(clear.0, clear.1);
        url.into()
    }
}

/// MariaDB's client with these statements.
fn mariadb(server: &Url, sql: &str) -> Command {
    let mut mariadb = Command::new("mariadb");
    mariadb
        .args(["-h", host(server), "-P", &port(server).to_string()])
        .args(["-u", server.username(), "-e", sql]);
    if let Some(password) = server.password() {
        mariadb.env("MYSQL_PWD", password);
    }
    mariadb
}

fn server(variable: &str, otherwise: &str) -> Url {
    let url = std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned());
    url.parse()
        .unwrap_or_else(|error| panic!("{variable}: {error}"))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("127.0.0.1")
}

fn port(url: &Url) -> u16 {
    let usual = if url.scheme() == "mysql" { 3306 } else { 5432 };
    url.port().unwrap_or(usual)
}

fn run(mut command: Command) {
    let program = command.get_program().display().to_string();
    let output = command.output();
    let output =
        output.unwrap_or_else(|e| panic!("{program}: {e}; run `cargo xtask test --install`"));
    assert!(
        output.status.success(),
        "{program}: {}; is the server running? `cargo xtask test --install` starts it",
        String::from_utf8_lossy(&output.stderr)
    );
}
