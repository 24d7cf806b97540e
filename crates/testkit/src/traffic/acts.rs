//! The acts of the story: an ordinary day, a flapping host, a database that drags the shop down,
//! a rack that falls away, a bad release.

use std::time::Duration;

use balefire_core::time::Time;

use super::estate::{
    CHORES, CRASH_LOOP, DATABASES, DISK_FILLS, HIGH_CPU, INSTANCE_DOWN, RACK_SIZE, Rule,
    SWITCH_DOWN, SWITCHES, WEB, WORKLOADS,
};
use super::wording::{self, Event, Latency, Target};
use super::{Post, Story};

/// Alerts in one request of the storm, as Prometheus batches them.
const BATCH: usize = 8;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// What an act has to say, by seconds from its beginning.
#[derive(Default)]
struct Lines(Vec<(Duration, Post)>);

impl Lines {
    fn say(&mut self, at: Duration, post: Post) {
        self.0.push((at, post));
    }
}

impl Story {
    /// Plays the next act into the queue.
    pub(super) fn play_act(&mut self) {
        let lines = match self.act % 5 {
            0 => self.ordinary_day(),
            1 => self.flapping_host(),
            2 => self.slow_database(),
            3 => self.lost_rack(),
            _ => self.bad_release(),
        };
        let mut lines = lines.0;
        lines.sort_by_key(|(at, _)| *at);
        let length = lines.last().map_or(Duration::ZERO, |(at, _)| *at);
        let begins = self.offset;
        self.ready
            .extend(lines.into_iter().map(|(at, post)| (begins + at, post)));
        self.offset = begins + length + secs(self.chance.between(8, 20));
        self.act += 1;
    }

    /// The instant that is `at` into the current act.
    fn time(&self, at: Duration) -> Time {
        self.began.after(self.offset).after(at)
    }

    fn target(&mut self, rule: &'static Rule, instance: String, at: Duration) -> Target {
        Target {
            rule,
            instance,
            labels: vec![("job", "node".to_owned())],
            value: self.chance.between(91, 99),
            started: self.time(at),
        }
    }

    /// One warning that goes away by itself, and a line from a script.
    fn ordinary_day(&mut self) -> Lines {
        let mut lines = Lines::default();
        let host = format!("{}:9100", self.chance.pick(WEB));
        let disk = self.target(&DISK_FILLS, host, secs(2));
        lines.say(
            secs(2),
            wording::prometheus_firing(std::slice::from_ref(&disk)),
        );
        lines.say(secs(12), wording::text(self.chance.pick(CHORES)));
        let ended = secs(self.chance.between(40, 60));
        lines.say(
            ended,
            wording::prometheus_resolved(&[disk], self.time(ended)),
        );
        lines
    }

    /// One host that goes over its limit and back, again and again.
    fn flapping_host(&mut self) -> Lines {
        let mut lines = Lines::default();
        let host = format!("{}:9100", self.chance.pick(WEB));
        let mut at = secs(1);
        for _ in 0..self.chance.between(3, 6) {
            let cpu = self.target(&HIGH_CPU, host.clone(), at);
            lines.say(at, wording::prometheus_firing(std::slice::from_ref(&cpu)));
            at += secs(self.chance.between(6, 12));
            lines.say(at, wording::prometheus_resolved(&[cpu], self.time(at)));
            at += secs(self.chance.between(4, 9));
        }
        lines
    }

    /// A database runs out of connections; two services slow down until it is well again.
    fn slow_database(&mut self) -> Lines {
        let mut lines = Lines::default();
        let (host, called) = self.chance.pick(DATABASES);
        self.event_id += self.chance.between(1, 40);
        let event = Event {
            id: self.event_id,
            host,
            called,
            connections: self.chance.between(930, 1_000),
            started: self.time(secs(1)),
        };
        lines.say(secs(1), event.post(None));
        let ended = secs(self.chance.between(50, 70));
        for (index, service) in ["checkout", "cart"].into_iter().enumerate() {
            let at = secs(6 + 5 * index as u64);
            let millis = self.chance.between(900, 4_000);
            let latency = Latency {
                service,
                millis,
                started: self.time(at),
            };
            lines.say(at, latency.post(None));
            let recovered = ended + secs(3 + index as u64);
            lines.say(recovered, latency.post(Some(self.time(recovered))));
        }
        lines.say(ended, event.post(Some(self.time(ended))));
        lines
    }

    /// A switch goes and with it every machine of its rack: the storm.
    fn lost_rack(&mut self) -> Lines {
        let mut lines = Lines::default();
        let switch = self.chance.pick(SWITCHES);
        let rack = switch.trim_start_matches("sw-");
        let mut uplink = self.target(&SWITCH_DOWN, switch.to_owned(), secs(1));
        uplink.labels = vec![("job", "snmp".to_owned()), ("rack", rack.to_owned())];
        lines.say(
            secs(1),
            wording::prometheus_firing(std::slice::from_ref(&uplink)),
        );
        let machines: Vec<Target> = (1..=RACK_SIZE)
            .map(|number| {
                let host = format!("{}-{number:02}:9100", rack.replace("rack-", "node-"));
                let mut down = self.target(&INSTANCE_DOWN, host, secs(4));
                down.labels.push(("rack", rack.to_owned()));
                down
            })
            .collect();
        let ended = secs(self.chance.between(75, 95));
        for (index, batch) in machines.chunks(BATCH).enumerate() {
            let at = secs(4) + Duration::from_millis(400 * index as u64);
            lines.say(at, wording::prometheus_firing(batch));
            // Prometheus says everything again a minute later, which is no news.
            lines.say(at + secs(60), wording::prometheus_firing(batch));
            let at = ended + Duration::from_millis(300 * index as u64);
            lines.say(at, wording::prometheus_resolved(batch, self.time(at)));
        }
        let at = ended.saturating_sub(secs(1));
        lines.say(at, wording::prometheus_resolved(&[uplink], self.time(at)));
        lines
    }

    /// A release whose pods do not stay up, until it is taken back.
    fn bad_release(&mut self) -> Lines {
        let mut lines = Lines::default();
        let (namespace, deployment) = self.chance.pick(WORKLOADS);
        let version = self.chance.between(10, 60);
        let said = format!("deploy: {deployment} v2.{version}.0 is being rolled out to sh-prod-1");
        lines.say(secs(1), wording::text(&said));
        let ended = secs(self.chance.between(45, 60));
        for index in 0..self.chance.between(2, 5) {
            let at = secs(8 + 4 * index);
            let pod = format!(
                "{deployment}-7d9f{}-x{index}k2p",
                self.chance.between(100, 999)
            );
            let mut crash = self.target(&CRASH_LOOP, pod.clone(), at);
            crash.value = self.chance.between(4, 9);
            crash.labels = vec![("namespace", namespace.to_owned()), ("pod", pod)];
            lines.say(at, wording::prometheus_firing(std::slice::from_ref(&crash)));
            let recovered = ended + secs(index);
            lines.say(
                recovered,
                wording::prometheus_resolved(&[crash], self.time(recovered)),
            );
        }
        let said = format!("回滚：{deployment} 已从 v2.{version}.0 退回上一版本");
        lines.say(ended.saturating_sub(secs(5)), wording::text(&said));
        lines
    }
}
