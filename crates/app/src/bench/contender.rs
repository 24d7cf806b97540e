//! A server under measurement: Balefire as this binary, or an Alertmanager that is installed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::load::{Connection, until};

/// Names under which Alertmanager is installed.
const ALERTMANAGER: &[&str] = &["alertmanager", "prometheus-alertmanager"];

/// Which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Balefire,
    Alertmanager(PathBuf),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Balefire => "balefire",
            Self::Alertmanager(_) => "alertmanager",
        }
    }

    /// The Alertmanager on the search path, if there is one.
    pub(crate) fn alertmanager() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .flat_map(|folder| ALERTMANAGER.iter().map(move |name| folder.join(name)))
            .find(|file| file.is_file())
            .map(Self::Alertmanager)
    }
}

/// A running server.
pub(crate) struct Contender {
    kind: Kind,
    folder: PathBuf,
    child: Option<Child>,
    pub(crate) address: SocketAddr,
}

/// How groups are made in a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) group_by: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) interval: &'static str,
}

impl Contender {
    /// Writes a configuration with one webhook receiver and starts the server.
    pub(crate) async fn start(
        kind: Kind,
        folder: &Path,
        sink: SocketAddr,
        timing: Timing,
    ) -> Result<Self> {
        let Timing {
            group_by,
            wait,
            interval,
        } = timing;
        let document = format!(
            "route:\n  receiver: hook\n  group_by: [{group_by}]\n  group_wait: {wait}\n  group_interval: {interval}\n  repeat_interval: 4h\n\
             receivers:\n- name: hook\n  webhook_configs:\n  - url: http://{sink}/\n    send_resolved: true\n"
        );
        Self::start_with(kind, folder, &document).await
    }

    /// Starts the server with this configuration.
    pub(crate) async fn start_with(kind: Kind, folder: &Path, document: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("config.yml"), document)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut contender = Self {
            kind,
            folder: folder.to_owned(),
            child: None,
            address,
        };
        contender.spawn().await?;
        Ok(contender)
    }

    /// Starts the process; answers how long it took until it was ready.
    pub(crate) async fn spawn(&mut self) -> Result<Duration> {
        let address = self.address.to_string();
        let (config, data) = (self.folder.join("config.yml"), self.folder.join("data"));
        let mut command = match &self.kind {
            Kind::Balefire => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg("--log")
                    .arg("error")
                    .arg("serve")
                    .arg("--listen")
                    .arg(&address);
                command.arg("--config").arg(config).arg("--data").arg(data);
                command
            }
            Kind::Alertmanager(program) => {
                let mut command = Command::new(program);
                command.arg(format!("--config.file={}", config.display()));
                command.arg(format!("--storage.path={}", data.display()));
                command.arg(format!("--web.listen-address={address}"));
                command
                    .arg("--cluster.listen-address=")
                    .arg("--log.level=error");
                command
            }
        };
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.kind.name()))?;
        self.child = Some(child);
        let address = self.address;
        until(
            "the server's readiness",
            Duration::from_mins(1),
            async || {
                let Ok(mut connection) = Connection::open(address).await else {
                    return false;
                };
                connection
                    .get("/-/ready")
                    .await
                    .is_ok_and(|(status, _)| status == 200)
            },
        )
        .await?;
        Ok(began.elapsed())
    }

    /// Kill -9: nothing is flushed, nothing is said.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    pub(crate) fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(self.proc("status")?).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
            .map(|kb| kb * 1024)
    }

    /// Bytes handed to the disk since the start.
    pub(crate) fn written(&self) -> Option<u64> {
        let io = std::fs::read_to_string(self.proc("io")?).ok()?;
        io.lines()
            .find_map(|line| line.strip_prefix("write_bytes:"))?
            .trim()
            .parse()
            .ok()
    }

    fn proc(&self, file: &str) -> Option<String> {
        let pid = self.child.as_ref()?.id()?;
        Some(format!("/proc/{pid}/{file}"))
    }
}
