# 烽火所发消息的文字，简体中文。各语言的键必须一致，由测试比对。语法：Project Fluent。

## 标题

title-firing = 已触发 { $count }
title-resolved = 已恢复 { $count }
title-missed = 曾触发，已恢复 { $count }
title-tag = [{ $words }]
title-separator = {", "}
title-nameless = 告警
title-more = 等 { $count } 个

## 正文

missed-all = { $count ->
    [1] 该告警触发后，在通知送达之前已经恢复。
   *[other] 这 { $count } 条告警触发后，在通知送达之前均已恢复。
}
missed-some = 其中 { $count } 条告警触发后，在通知送达之前已经恢复。
heading-firing = 触发中（{ $count }）
heading-resolved = 已恢复（{ $count }）
heading-missed = 曾触发，已恢复（{ $count }）
heading-events = 事件（{ $count }）
list-more = …… 另有 { $count } 条
item-since = 始于 { $time }
item-resolved = { $time } 恢复，持续 { $duration }
item-separator = ，

## 字段

fact-severity = 级别
fact-started = 开始时间
fact-first-started = 最早开始
fact-last-ended = 最近恢复
fact-ended = 恢复时间
fact-reported = 上报时间
fact-duration = 持续时长
label-service = 服务
label-instance = 实例
label-host = 主机
label-job = 任务
label-cluster = 集群
label-namespace = 命名空间
label-pod = Pod
label-container = 容器
label-node = 节点
label-device = 设备
label-region = 地域
label-env = 环境
label-team = 团队
severity-info = 提示
severity-warning = 警告
severity-error = 重要
severity-critical = 紧急
duration-days = { $n } 天
duration-hours = { $n } 小时
duration-minutes = { $n } 分
duration-seconds = { $n } 秒
duration-join = {" "}
duration-none = 不到 1 秒

## 链接

link-runbook = 处理手册
link-dashboard = 仪表盘
link-panel = 图表
link-source = 来源
link-silence = 静默
link-open = 在烽火中查看

## 多条合并

digest-title = { $count } 条通知合并发送
digest-why = 渠道配额不足，等待中的通知合并为一条发送。
digest-more = …… 另有 { $count } 条通知

## 直接发送、测试与自身告警

direct-title = 消息
test-title = 烽火测试消息
test-text = 这是账号 { $account } 的测试消息。看到它，说明通知可以送达这里。
meta-tag = 烽火
meta-dead_letter = 有通知未能送达
meta-template = 消息模板出错，已改发默认消息
meta-clock = 时钟不准
meta-disk_full = 磁盘已满
meta-store = 存储异常
meta-configuration = 磁盘上的配置未生效
meta-certificate = 证书即将到期
meta-other = 烽火自身异常
meta-subject = 对象
