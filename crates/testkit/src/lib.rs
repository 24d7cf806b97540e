//! Simulated providers for Balefire: strict copies of what chat platforms, push and SMS services, webhook
//! receivers and mail servers check, which can be told to fail in every way that networks and
//! vendors fail. `balefire demo` and `balefire bench` use them, and so do all tests.
//!
//! Start a [`Simulator`], point an account's `base_url` or `url` at it, and look at what arrived:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
//! use balefire_testkit::{Mode, Simulator};
//!
//! let simulator = Simulator::start().await?;
//! let robot = simulator.dingtalk();
//! robot.fail_times(Mode::RateLimited(30), 1);
//! assert!(robot.url().starts_with(simulator.url()));
//! assert!(robot.received().is_empty());
//! # Ok(()) }
//! ```

pub mod clock;
pub mod mode;
pub mod provider;
pub mod received;
mod reply;
pub mod simulator;
pub mod smsc;
pub mod smtp;
#[cfg(test)]
mod tests;
pub mod traffic;
pub mod whois;
mod window;

pub use clock::ManualClock;
pub use mode::Mode;
pub use received::{Counts, Received, Verdict};
pub use simulator::{Simulator, SimulatorBuilder};
pub use smsc::SmscSim;
pub use smtp::SmtpSim;
pub use traffic::{Post, Story, story};
