//! What the tests need beyond Rust: found, started, installed, or named in one line. Never skipped.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::databases;
use crate::peers;
use crate::process::{answers, run, say};

/// A program or server of the tests.
struct Need {
    /// What people call it.
    name: &'static str,
    /// Debian packages that bring it.
    packages: &'static [&'static str],
    /// Whether it is here.
    here: fn() -> bool,
    /// Starts it when it is installed and not running; `None` when there is nothing to start.
    start: Option<&'static [&'static str]>,
}

const NEEDS: &[Need] = &[
    Need {
        name: "a C compiler",
        packages: &["gcc", "libc6-dev"],
        here: || answers("cc", &["--version"]),
        start: None,
    },
    Need {
        name: "PostgreSQL 15",
        packages: &["postgresql"],
        here: || listens(5432),
        start: Some(&[
            "sh",
            "-c",
            "pg_ctlcluster --skip-systemctl-redirect $(ls /etc/postgresql | sort -V | tail -n 1) main start",
        ]),
    },
    Need {
        name: "MariaDB 10.11",
        packages: &["mariadb-server"],
        here: || listens(3306),
        start: Some(&[
            "sh",
            "-c",
            "mkdir -p /run/mysqld && chown mysql /run/mysqld && start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql",
        ]),
    },
    Need {
        name: "Prometheus",
        packages: &["prometheus"],
        here: || answers("prometheus", &["--version"]),
        start: None,
    },
    Need {
        name: "amtool and Alertmanager",
        packages: &["prometheus-alertmanager"],
        here: || answers("amtool", &["--version"]),
        start: None,
    },
    Need {
        name: "aiosmtpd",
        packages: &["python3-aiosmtpd"],
        here: || answers("/usr/bin/python3", &["-c", "import aiosmtpd"]),
        start: None,
    },
    Need {
        name: "requests",
        packages: &["python3-requests"],
        here: || answers("/usr/bin/python3", &["-c", "import requests"]),
        start: None,
    },
    Need {
        name: "Python's own folders",
        packages: &["python3-venv"],
        here: || answers("/usr/bin/python3", &["-c", "import ensurepip"]),
        start: None,
    },
    Need {
        name: "icalendar and recurring-ical-events",
        packages: &["python3-icalendar", "python3-recurring-ical-events"],
        here: || {
            let ask = "import icalendar, recurring_ical_events";
            answers("/usr/bin/python3", &["-c", ask])
        },
        start: None,
    },
    Need {
        name: "curl",
        packages: &["curl"],
        here: || answers("curl", &["--version"]),
        start: None,
    },
    Need {
        name: "the zones' rules",
        packages: &["tzdata"],
        here: || {
            let ask = "import zoneinfo; zoneinfo.ZoneInfo('Australia/Lord_Howe')";
            answers("/usr/bin/python3", &["-c", ask])
        },
        start: None,
    },
];

fn listens(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// Makes sure that everything is here; with `install`, by installing it. Answers the variables that
/// lead the tests to the databases.
pub(crate) fn meet(install: bool) -> Result<Vec<(&'static str, &'static str)>> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !ready(need)).collect();
    if !missing.is_empty() {
        provide(&missing, install)?;
    }
    peers::meet(install)?;
    databases::log_ins(install)
}

fn provide(missing: &[&Need], install: bool) -> Result<()> {
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .collect();
    if !install {
        let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
        bail!(
            "the tests need {}: run `apt-get install -y --no-install-recommends {}` (or `cargo xtask test --install` as root)",
            names.join(", "),
            packages.join(" ")
        );
    }
    let quiet = [("DEBIAN_FRONTEND", "noninteractive"), ("RUNLEVEL", "1")];
    run("package lists", "apt-get", &["update", "-qq"], &quiet)?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    run("packages", "apt-get", &arguments, &quiet)?;
    for need in missing {
        if !ready(need) {
            bail!("{} is installed and still does not answer", need.name);
        }
    }
    Ok(())
}

fn ready(need: &Need) -> bool {
    if (need.here)() {
        return true;
    }
    let Some([program, arguments @ ..]) = need.start else {
        return false;
    };
    say(&format!("starting {}", need.name));
    if !Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return false;
    }
    // A server takes a moment to listen.
    (0..50).any(|_| {
        #[expect(
            clippy::disallowed_methods,
            reason = "there is no runtime here to block"
        )]
        std::thread::sleep(Duration::from_millis(200));
        (need.here)()
    })
}
