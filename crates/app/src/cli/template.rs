//! `balefire template`: what a template would say, through every channel, before an alert needs it.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use balefire_core::clock::Clock;
use balefire_core::message::GroupView;
use balefire_engine::clock::SystemClock;
use balefire_engine::preview::{Preview, Source, group_of, preview, sample_of};
use balefire_template::sandbox::{Sandbox, WorkerCommand};
use balefire_template::template::Template as Own;
use clap::{Args, Subcommand, ValueEnum};

use super::config::load;
use crate::environment::ProcessEnvironment;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, say};

/// Longest template and longest data that are read, in bytes.
const MOST: u64 = 1024 * 1024;

const EXAMPLES: &str = "Examples:
  balefire template render --config alertmanager.yml --receiver ops --sample resolved
  echo '{{ .CommonLabels.alertname }}' | balefire template render - --config alertmanager.yml
  balefire template render words.j2 --engine minijinja --alert webhook.json";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Template {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print what a template, or a receiver as it is configured, would say, with each channel's limits.
    #[command(after_help = EXAMPLES)]
    Render(Render),
}

/// The syntax of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// Alertmanager's.
    Go,
    /// That of `messages:`.
    Minijinja,
}

#[derive(Args)]
struct Render {
    /// The template; `-` reads it from standard input. Without it, the receiver's entries as they are configured.
    #[arg(required_unless_present = "receiver")]
    file: Option<String>,
    /// The syntax of the template.
    #[arg(long, value_enum, default_value = "go")]
    engine: Engine,
    /// The YAML document with the template files, messages and receivers.
    #[arg(
        long,
        value_name = "FILE",
        env = "BALEFIRE_CONFIG",
        required_unless_present = "file"
    )]
    config: Option<PathBuf>,
    /// Only through this receiver's channels.
    #[arg(long, value_name = "NAME", requires = "config")]
    receiver: Option<String>,
    /// The alerts: firing, resolved, mixed, missed, event or huge.
    #[arg(long, default_value = "firing")]
    sample: String,
    /// The alerts out of a file: a webhook's body of Alertmanager's.
    #[arg(long, value_name = "FILE", conflicts_with = "sample")]
    alert: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Template {
    pub(crate) async fn run(self) -> Result<Exit> {
        match self.what {
            What::Render(render) => render.run().await,
        }
    }
}

impl Render {
    async fn run(self) -> Result<Exit> {
        let loaded = match &self.config {
            Some(file) => load(file)?,
            None => balefire_config::load(
                balefire_config::default_document(),
                "none",
                &ProcessEnvironment,
            )
            .map_err(|_| anyhow!("the document for no document is broken"))?,
        };
        let group = self.group()?;
        let source = self.source()?;
        let sandbox = Sandbox::new(
            WorkerCommand::this_binary(crate::server::TEMPLATE_WORKER)?,
            1,
        );
        let receiver = self.receiver.as_deref();
        let now = SystemClock.now();
        let previews = preview(&loaded.plan, &sandbox, &source, receiver, &group, now).await;
        let Some(previews) = previews else {
            let name = receiver.unwrap_or_default();
            return Err(Ended::invalid(format!("no receiver is named {name:?}")).into());
        };
        let is_broken = previews.iter().any(|preview| preview.error.is_some());
        if self.json {
            data(&serde_json::to_string_pretty(&previews)?);
        } else {
            show(&previews);
        }
        Ok(if is_broken { Exit::Invalid } else { Exit::Ok })
    }

    fn group(&self) -> Result<GroupView> {
        let Some(file) = &self.alert else {
            return sample_of(&self.sample).map_err(|error| Ended::invalid(error.0).into());
        };
        let name = file.display().to_string();
        let text = read(file)?;
        let parsed = serde_json::from_str(&text).with_context(|| name.clone())?;
        group_of(&parsed).map_err(|error| Ended::invalid(format!("{name}: {error}")).into())
    }

    fn source(&self) -> Result<Source> {
        let source = match self.file.as_deref() {
            None => return Ok(Source::Configured),
            Some("-") => bounded(std::io::stdin().lock(), "standard input")?,
            Some(file) => read(Path::new(file))?,
        };
        Ok(match self.engine {
            Engine::Go => Source::Go(source),
            Engine::Minijinja => Source::Own(Own {
                title: None,
                text: Some(source),
            }),
        })
    }
}

fn read(file: &Path) -> Result<String> {
    let name = file.display().to_string();
    let opened = std::fs::File::open(file).with_context(|| name.clone())?;
    bounded(opened, &name)
}

fn bounded(from: impl Read, name: &str) -> Result<String> {
    let mut text = String::new();
    from.take(MOST + 1)
        .read_to_string(&mut text)
        .with_context(|| name.to_owned())?;
    if text.len() as u64 > MOST {
        return Err(Ended::invalid(format!("{name} is longer than {MOST} bytes")).into());
    }
    Ok(text)
}

/// Each text once, below the channels that would say it.
fn show(previews: &[Preview]) {
    for preview in previews {
        let entry = preview.entry.as_deref().unwrap_or_default();
        data(format!("== {} {entry}", preview.kind).trim_end());
        if let Some(wrong) = &preview.error {
            let place = match (wrong.line, wrong.column) {
                (Some(line), Some(column)) => format!("{}:{line}:{column}: ", wrong.place),
                _ => String::new(),
            };
            say(&format!("{}: {place}{}", preview.kind, wrong.message));
        }
        for piece in &preview.texts {
            let most = piece
                .most
                .map(|most| format!(" of {most}"))
                .unwrap_or_default();
            let parts = piece
                .parts
                .map(|parts| format!(", {parts} part(s)"))
                .unwrap_or_default();
            let cut = if piece.cut.is_some() {
                ", cut at the mark …"
            } else {
                ""
            };
            data(&format!(
                "-- {}: {}{most} {}{parts}{cut}",
                piece.key, piece.length, piece.unit
            ));
            data(&harmless(piece.cut.as_ref().unwrap_or(&piece.text)));
        }
    }
}
