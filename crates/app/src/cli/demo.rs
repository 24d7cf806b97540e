//! `balefire demo`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::demo;
use crate::exit::Exit;

#[derive(Args)]
#[command(after_help = "Example:\n  balefire demo --speed 60")]
pub(crate) struct Demo {
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 9119)))]
    listen: SocketAddr,
    /// Address of the simulated providers.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 9120)))]
    providers: SocketAddr,
    /// Keep the data here; without it, it is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How many times as fast as the clock the story runs.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1000))]
    speed: u32,
    /// Another number is another story.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<Exit> {
        let demo = demo::Demo {
            listen: self.listen,
            simulator: self.providers,
            data: self.data,
            speed: self.speed,
            seed: self.seed,
        };
        demo::run(demo).await?;
        Ok(Exit::Ok)
    }
}
