//! What there is to go wrong: machines, services, and how their troubles are called.

/// Hosts of the shop, with what they are for.
pub(super) const WEB: &[&str] = &["web-01", "web-02", "web-03", "web-04"];
/// Databases: host, and the name people use.
pub(super) const DATABASES: &[(&str, &str)] = &[
    ("db-orders-1", "订单库"),
    ("db-orders-2", "订单库从库"),
    ("db-users-1", "用户库"),
];
/// Workloads of the cluster: namespace and deployment.
pub(super) const WORKLOADS: &[(&str, &str)] = &[
    ("shop", "checkout"),
    ("shop", "cart"),
    ("shop", "recommend"),
    ("payments", "gateway"),
    ("search", "indexer"),
];
/// Top-of-rack switches.
pub(super) const SWITCHES: &[&str] = &["sw-rack-a07", "sw-rack-b02", "sw-rack-c11"];
/// Machines behind one switch.
pub(super) const RACK_SIZE: u64 = 24;
/// What scripts report on their own.
pub(super) const CHORES: &[&str] = &[
    "【备份】订单库每日全量备份失败：目标磁盘空间不足（剩余 1.2 GB）",
    "【证书】shop.example.com 的证书还有 7 天到期，请尽快续期",
    "deploy: checkout v2.31.0 rolled out to sh-prod-1 (24/24 pods ready)",
    "cron: report-daily exited with status 1: connection refused to db-users-1:5432",
    "【对账】支付渠道 A 日终对账差异 3 笔，合计 128.50 元",
];

/// A rule of Prometheus.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) severity: &'static str,
    pub(super) team: &'static str,
    /// `{instance}` and `{value}` are filled in.
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) expression: &'static str,
}

pub(super) const DISK_FILLS: Rule = Rule {
    name: "DiskWillFillIn4Hours",
    severity: "warning",
    team: "infra",
    summary: "{instance} 磁盘将在 4 小时内写满",
    description: "{instance} 的 /data 已使用 {value}%，按最近 6 小时的速度将在 4 小时内写满。",
    expression: "predict_linear(node_filesystem_avail_bytes[6h], 4*3600) < 0",
};
pub(super) const HIGH_CPU: Rule = Rule {
    name: "HostHighCpu",
    severity: "warning",
    team: "infra",
    summary: "CPU of {instance} is at {value}%",
    description: "The CPU of {instance} has been above 90% for 5 minutes (now {value}%).",
    expression: "100 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) * 100 > 90",
};
pub(super) const INSTANCE_DOWN: Rule = Rule {
    name: "InstanceDown",
    severity: "critical",
    team: "infra",
    summary: "{instance} is down",
    description: "{instance} has been unreachable for more than 1 minute.",
    expression: "up == 0",
};
pub(super) const SWITCH_DOWN: Rule = Rule {
    name: "SwitchUnreachable",
    severity: "critical",
    team: "network",
    summary: "接入交换机 {instance} 失联",
    description: "{instance} 的 SNMP 与 ICMP 均无响应，所在机柜的主机预计全部不可达。",
    expression: "probe_success{job=\"snmp\"} == 0",
};
pub(super) const CRASH_LOOP: Rule = Rule {
    name: "KubePodCrashLooping",
    severity: "warning",
    team: "platform",
    summary: "Pod {instance} is crash looping",
    description: "Pod {instance} has restarted {value} times within 10 minutes.",
    expression: "increase(kube_pod_container_status_restarts_total[10m]) > 3",
};
