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

link-acknowledge = 认领
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
meta-on_call = 值班表有空缺，或有代班已失效
meta-phone_silent = 有电话等待拨打，但没有手机来取
meta-disk_full = 磁盘已满
meta-store = 存储异常
meta-configuration = 磁盘上的配置未生效
meta-reminder = 有提醒无法发出
meta-escalation = 升级呼叫不到任何人
meta-forwarding = 来电未能转接到值班人
meta-monitor = 无法检查到期时间
meta-recipient = 有接收人无法联系到
meta-certificate = 证书即将到期
meta-other = 烽火自身异常
meta-subject = 对象

## 呼叫

page-tag = 呼叫
page-several = { $title } 等，另有 { $more } 个
page-what-to-do = 请确认，否则将呼叫下一位。
page-incident = 故障编号
page-since = 开始时间
page-taken = { $who } 已接手：{ $title }
page-over = 已恢复：{ $title }
# 验证联系方式的验证码。
code-title = 验证码：{ $code }
code-text = 用于确认呼叫能在此送达，十分钟内有效。

mail-reply = 回复此邮件即可认领。
page-reply = 回复 { $code } 认领

# 用短信回复呼叫后得到的答复，尽量简短。
reply-taken = 已认领：{ $title }
reply-taken-before = 您已于 { $at } 认领：{ $title }
reply-others = { $by } 已于 { $at } 认领：{ $title }
reply-over = 已恢复：{ $title }
reply-gone = 已不存在。
reply-which = 有多个待认领，请回复其中一个编码：
reply-one = { $code } { $title }
reply-more = … 另有 { $count } 个
reply-nothing = 您没有待认领的呼叫。
reply-wrong = 没有发给您的呼叫使用此编码。
reply-unclear = 请回复呼叫中的编码；只有一个时回复 1 即可。

## 提醒

reminder-tag = 提醒
reminder-test-tag = 提醒测试
reminder-left = { $name } 还有 { $days } 天到期
reminder-today = { $name } 今天到期
reminder-over = { $name } 已过期 { $days } 天
reminder-name = 事件名称
reminder-content = 事件内容
reminder-expires = 过期时间

## 心跳

heartbeat-late = { $name } 未按时上报：宽限期已于 { $time } 结束
heartbeat-unended = { $name } 已开始但未结束：宽限期已于 { $time } 结束
heartbeat-failed = { $name } 于 { $time } 上报失败
heartbeat-failed-code = { $name } 于 { $time } 失败，退出码 { $code }
heartbeat-back = { $name } 恢复上报

## 控制台

console-inbox = 收件箱
console-skip = 跳到列表
console-language = 语言
console-well = 运行正常
console-ill = 无法存储告警
console-lost = 连接已断开，数据截至
console-firing-count = { $count } 个触发中
console-waiting-count = { $count } 条待发送
console-failed-count = 启动以来 { $count } 条发送失败
console-only-group = 只看该分组：
console-show-all = 显示全部
console-all-quiet = 一切安好
console-nothing-yet = 尚未收到任何告警。
console-last-event = 最近一条告警：{ $when }，来自 { $source }。
console-older = 更早的
console-just-now = 刚刚
console-ago = { $span }前
console-in = { $span }后
console-labels = 标签
console-annotations = 注解
console-alerts = 告警
console-deliveries = 送达情况
console-why = 为什么
console-over-now = 现已恢复
console-more = …… 另有 { $count } 条
console-unreadable = 本版本无法读取的消息
console-status-firing = 触发中
console-status-resolved = 已恢复
console-status-event = 事件
console-status-digest = 汇总
console-status-direct = 消息
console-status-test = 测试
console-status-meta = 关于烽火自身
console-delivered = 已送达
console-waiting = 正在发送
console-retrying = 正在重试
console-next-try = 下次尝试：{ $when }
console-dead = 已放弃
console-handed-over = 失败，已转交备用渠道
console-superseded = 已被更新的消息取代
console-cancelled = 不再需要
console-receipt-delivered = 服务商回执：{ $target } 已收到
console-receipt-failed = 服务商回执：未送达 { $target }
console-receipt-answered = 服务商回执：{ $target } 已接听
console-receipt-pressed = 服务商回执：{ $target } 已按键
console-tries = 共 { $count } 次
console-reason = 通知原因
console-reason-first = 该分组首次通知
console-reason-new = 分组中有新告警
console-reason-some-resolved = 分组中部分告警已恢复
console-reason-all-resolved = 分组中全部告警已恢复
console-reason-repeat = 到达重复通知间隔
console-reason-direct = 直接发送，不经路由与静默
console-group = 分组
console-route = 路由
console-timing = 时间参数
console-fallback = 代替
console-muted = 时间段内不通知
console-silenced = 已静默
console-inhibited = 被抑制，源于
console-silence-words = “{ $comment }”，{ $by }，至 { $until }
console-decision = 决策
console-decision-value = 第 { $seq } 号，{ $at }，配置 { $version }
console-pages = 页面
console-reminders = 提醒
console-reminders-none = 没有即将到期的事件。
console-reminders-how = 添加、修改和处理：
console-reminder-days = 剩余
console-reminder-told = 通知对象
console-reminder-today = 今天
console-reminder-left = 还有 { $days } 天
console-reminder-over = 已过期 { $days } 天
console-monitors = 每日检查
console-monitor-looked = 最近检查
console-people = 人员
console-people-person = 人员
console-people-way = 联系方式
console-people-verified = 已验证
console-people-never = 从未
console-people-sent = 已发送验证码
console-people-verify = 发送验证码
console-people-code = 验证码
console-people-confirm = 确认
console-people-none = 配置中没有可呼叫的人员。
console-people-how = 输入收到的验证码，即可确认能在该处收到呼叫。也可使用
console-people-refused = 未能验证
console-heartbeats = 心跳
console-heartbeats-none = 没有等待任何任务：配置文件中没有 heartbeats。
console-heartbeats-how = 在配置文件的 heartbeats 中声明；暂停与恢复：
console-heartbeat-name = 任务
console-heartbeat-status = 状态
console-heartbeat-due = 应上报
console-heartbeat-heard = 最近上报
console-heartbeat-body = 上报内容
console-heartbeat-running = 运行中
console-heartbeat-new = 从未上报
console-heartbeat-up = 正常
console-heartbeat-late = 迟到
console-heartbeat-down = 失联
console-heartbeat-paused = 已暂停
console-heartbeat-unended = 已开始但未结束
console-heartbeat-failed = 失败
console-heartbeat-code = 失败，退出码 { $code }
console-channels = 通道
console-channels-none = 没有配置任何账号：消息只进收件箱。
console-channels-how = 本节点启动以来的数据；命令行查看：
console-channel-account = 账号
console-channel-health = 状态
console-channel-waiting = 等待
console-channel-last = 最近发送
console-channel-test = 测试
console-channel-quota = 每 { $per } { $calls } 次，剩余 { $left } 次
console-channel-untried = 启动后未使用
console-channel-good = 正常
console-channel-held = 受配额限制
console-channel-troubled = 最近一次失败
console-channel-misconfigured = 需要修改配置
console-channel-down = 没有响应
console-test-taken = 通过 { $account } 的测试已被接收
console-test-pending = 通过 { $account } 的测试仍在进行
console-test-failed = 通过 { $account } 的测试失败
console-test-not-sent = 测试没有发出
console-senders = 接入告警
console-test = 发送测试告警
console-test-words = 来自控制台的测试告警
console-grafana-where = 联络点类型选 Webhook，URL 填
console-token-hint = 请把 TOKEN 换成 access.tokens 中带 ingest 权限的令牌。
console-store-problem = 存储没有响应
console-no-alert = 没有这条告警
console-no-alert-detail = 它从未到达，或早已恢复。被拒绝的请求见 /api/v1/rejected。
console-routes = 路由
console-route-taken = 命中，发往 { $receiver }
console-route-passed = 匹配，由下级处理
console-route-failed = { $matcher } 与“{ $value }”不匹配
console-route-not-tried = 未尝试，前面的路由已处理
console-incidents = 故障
console-incidents-which = 显示哪些故障
console-incidents-unresolved = 未解决
console-incidents-resolved = 已解决
console-incidents-all = 全部
console-incidents-none = 这里没有故障
console-incident-open = 待认领
console-incident-acknowledged = 已认领
console-incident-key = 标识
console-incident-held-by = 认领人
console-incident-responsible = 负责人
console-incident-worker = 处理人
console-incident-severity = 级别
console-incident-title = 标题
console-incident-started = 开始时间
console-incident-ended = 结束时间
console-incident-lasted = 持续
console-incident-cause = 原因
console-incident-summary = 总结
console-incident-report = 报告
console-acknowledge = 认领
console-resolve = 标为已解决
console-reopen = 重新打开
console-entry-opened = { $by } 新建
console-entry-acknowledged = { $by } 认领
console-entry-also-acknowledged = { $by } 也要认领
console-entry-edited = { $by } 修改
console-entry-resolved = { $by } 标为已解决
console-entry-reopened = { $by } 重新打开
console-entry-noted = { $by } 备注
console-entry-attached = { $by } 添加附件
console-entry-detached = { $by } 移除附件
console-entry-snoozed = { $by } 推迟处理
console-entry-reassigned = { $by } 转派
console-entry-escalated = { $by } 要求立即升级
console-entry-escalation-started = 升级策略 { $by } 开始
console-entry-paged = { $by } 已呼叫
console-entry-told = { $by } 已通知
console-entry-step-passed = { $by } 跳过一步
console-entry-page-delivered = 呼叫已送达
console-entry-page-failed = 呼叫未送达
console-entry-pages-withdrawn = 呼叫已撤回
console-entry-holder-told = 已告知由谁接手
console-entry-over-told = 已告知恢复
console-entry-snooze-ended = 推迟结束
console-entry-escalation-exhausted = { $by } 已无人可呼叫
console-escalate = 立即升级
console-snooze = 推迟 30 分钟
console-reassign = 转派
console-reassign-to = 转派给
console-schedule = 值班：
console-team = 团队
console-escalation = 升级
console-escalation-running = 尚无人应答
console-escalation-snoozed = 推迟到 { $until }
console-escalation-exhausted = 已无人可呼叫
console-escalation-next = 下一步
console-escalation-contact = 下次联系
console-escalation-of = { $count } / { $needs }
console-no-incident = 没有这个故障
console-no-incident-detail = 从未建立，或已被删除。
console-timeline = 时间线
console-reported = { $source } 上报
console-reported-over = { $source } 上报恢复
console-refreshed = 重复上报，无变化，至 { $until } 结束
console-decided = 决定通知：{ $reason }
console-nothing-new = 已检查，没有新情况
console-flapping = 暂不通知：自 { $since } 起反复触发与恢复，尚未稳定足够时间
console-over-in-quiet = 通知之前已恢复，无需再通知
console-try-ok = 第 { $number } 次：经 { $via } 送达 { $target }，用时 { $took } 毫秒
console-try-failed = 第 { $number } 次：经 { $via } 发往 { $target } 失败，用时 { $took } 毫秒（{ $kind }）

## 消息链接打开的页面

answer-nobody = 还没有人认领。
answer-held = { $by } 已认领，{ $when }。
answer-resolved = 已解决，{ $when }。
answer-quiet-until = 已静默到 { $until }。
answer-silence = 静默 1 小时
answer-as = 操作人：
answer-name = 您的姓名（同事可见）
answer-over = 已经结束
answer-over-detail = 这条消息里的告警都已恢复，也没有为它建立故障。
answer-forged = 这个链接无效
answer-forged-detail = 链接可能不完整：请从消息中重新打开，或完整复制。也可能是已发出的链接被作废了。
answer-expired = 这个链接已过期
answer-expired-detail = 消息中的链接三天内有效，请使用更新的消息中的链接。
answer-unknown = 无法识别的操作
answer-unknown-detail = 请从消息中重新打开链接，再点击其中的按钮。
answer-nothing = 无法在这里静默这些告警
answer-nothing-detail = 没有标签能把它们与其他告警区分开，请在控制台中建立静默。
answer-away = 没有保存成功
answer-away-detail = 没有任何改动，请稍后再试。

## 聊天消息中的按钮

click-acknowledged = ✅ { $by } 已认领，{ $at }
click-silenced = 🔕 { $by } 已静默 1 小时，{ $at }
click-resolved = ✔ { $by } 已标为解决，{ $at }
click-stranger = 您暂时不能在这里操作：请联系烽火管理员，把您在此平台的账号 ID 加入 people。
click-expired = 按钮已过期，请使用更新的消息中的按钮。
click-forged = 按钮已失效。
click-over = 已经结束：这条消息中的告警都已恢复。
click-unsilenceable = 无法用按钮静默这些告警：没有标签能把它们与其他告警区分开。
console-oncall = 值班
console-oncall-empty = 配置中没有值班表。
console-oncall-none = 没有这个值班表
console-oncall-none-detail = 配置中没有这个名称，或没有人设置过这个代班。
console-oncall-refused = 无法这样安排
console-oncall-nobody = 无人
console-oncall-gap = 空缺
console-oncall-until = 至 { $at }，之后 { $then }
console-oncall-gap-ahead = 90 天内有 { $count } 段时间没有可联系到的值班人，最早一段：{ $from } – { $to }。
console-oncall-days = 哪些日子
console-oncall-today = 今天
console-oncall-week = 周
console-oncall-month = 月
console-oncall-picture = 各层、代班与最终值班人；下方列表内容相同
console-oncall-now = 现在
console-oncall-final = 最终
console-oncall-override = 代班
console-oncall-overrides = 代班
console-oncall-take-over = 代班
console-oncall-book = 安排他人值班
console-oncall-from = 从
console-oncall-to = 到
console-oncall-instead-of = 代替
console-oncall-whoever = 当时的值班人
console-oncall-reason = 原因
console-oncall-who = 由谁值班：
console-oncall-swap = 换班
console-oncall-gives = 让出这段时间的人
console-oncall-takes = 接班的人，其让出
console-oncall-stands-in = { $by } 代 { $absent }
console-oncall-coming = 未开始
console-oncall-under-way = 进行中
console-oncall-over = 已结束
console-oncall-cancelled = 已撤销
console-oncall-does-not-hold = 已不再有效
console-oncall-made = { $by } 于 { $at } 安排
console-oncall-cancel = 撤销
console-oncall-burden = 分担情况
console-oncall-person = 人员
console-oncall-shifts = 班次
console-oncall-hours = 小时
console-oncall-nights = 夜间
console-oncall-weekends = 周末
console-oncall-holidays = 节假日
console-oncall-unreachable = 没有联系方式
console-oncall-feed = 订阅：
console-incident-expected = 预计结束
console-incident-state = 状态
console-entry-merged-into = { $by } 将其并入另一事件
console-entry-merged-from = { $by } 将另一事件并入本事件
console-merge = 合并
console-merge-into = 并入事件编号
console-report-markdown = Markdown 报告
console-report = 统计
console-report-which = 多长时间
console-report-days = { $days } 天
console-report-incomplete = 这段时间内的数据超出一次统计所能读取的量，请选择更短的时间。
console-report-opened = 新开
console-report-acknowledged = 已确认
console-report-resolved = 已解决
console-report-median = 中位数
console-report-notifications = 触发通知
console-report-most = 单日最多：
console-report-people = 各人收到的呼叫
console-report-nobody = 没有通知发往个人的号码、地址或账号。
console-report-pages = 呼叫
console-report-at-night = 夜间
console-report-share = 占比
console-report-noise = 最吵的告警
console-report-each-day = 每日
console-oncall-quality = 未来 90 天内 { $covered } % 的时间有人值班，{ $reachable } % 的时间有可联系到的人值班；空缺 { $gaps } 处。

# 为什么某人收到或没有收到告警：一句话。
why-never-arrived = { $count ->
    [0] 到该时刻为止没有收到这样的告警，前后 15 分钟内也没有被拒绝的请求。
   *[other] 到该时刻为止没有收到这样的告警；前后 15 分钟内有 { $count } 个请求被拒绝。
}
why-not-decided = 告警已收到，尚未作出决定：所在分组仍在等待。
why-silenced = 未通知任何人：{ $by } 的静默 { $id }（{ $comment }）匹配 { $matches }，直到 { $until }。
why-silenced-by = 未通知任何人：静默 { $id } 匹配它。
why-inhibited = 未通知任何人：告警 { $by } 正在触发并抑制它。
why-muted = 未通知任何人：所在分组因 { $by } 保持安静。
why-over-in-quiet = 未通知任何人：它在安静时段结束之前已恢复。
why-flapping = 未再次通知：自 { $since } 起反复抖动，此事已通知。
why-told = 已于 { $at } 通知 { $receiver }。
why-sending = 正在发往 { $receiver }，尚未送达。
why-undelivered = 未能通知 { $receiver }：{ $why }
why-nobody-to-tell = 无需通知任何人；路由指向 { $receivers }。
why-reached = 已于 { $at } 通过 { $by } 通知 { $person }。
why-reached-answered = 已于 { $at } 通过 { $by } 通知 { $person }，并于 { $answered } 确认。
why-being-sent = 自 { $since } 起正在通过 { $by } 通知 { $person }，尚未送达。
why-taken-back = { $person } 未收到：通过 { $by } 发送的内容已于 { $at } 撤回：{ $why }
why-failed = { $person } 未收到：{ $by } 失败：{ $why }
why-quiet = 未通知 { $person }：其免打扰时段推迟到 { $until }。
why-unreachable = 未通知 { $person }：配置中没有任何联系方式。
why-step-passed = 未通知 { $person }：第 { $step } 步被跳过：{ $why }
why-answered-first = 未通知 { $person }：{ $who } 已先于 { $at } 确认。
why-answered-early = 未通知 { $person }：{ $who } 于 { $at } 确认，比其步骤到期早 { $early }。
why-over-first = 未通知 { $person }：轮到其之前，已于 { $at } 结束。
why-not-yet = 尚未通知 { $person }：{ $policy } 的第 { $step } 步包含其人，但尚未执行。
why-others-turn = 未通知 { $person }：第 { $step } 步包含其人，但呼叫的是其他人，或其本人的联系稍后进行。
why-not-on-call = { $person } 当时不在 { $schedule } 值班：值班的是 { $who }，依据 { $layer }。
why-not-on-call-override = { $person } 当时不在 { $schedule } 值班：值班的是 { $who }，依据调班 { $overrides }。
why-not-on-call-plain = { $person } 当时不在 { $schedule } 值班：值班的是 { $who }。
why-nobody-on-call = { $person } 当时不在 { $schedule } 值班；无人值班。
why-not-in-escalation = 与 { $person } 无关：{ $policy } 没有任何一步指向其人。
why-routed-elsewhere = 与 { $person } 无关：告警去往 { $receivers }，该接收者不呼叫任何人。

# 为什么某人收到或没有收到告警：各个环节。
rung-arrived = 已收到；路由指向 { $receivers }
rung-refused = 发往 { $source } 的请求被拒绝：{ $reason }
rung-passed = 已查看：没有被压制，也无需再次通知
rung-owed = 已查看：必须通知 { $to }
rung-told = 通知 { $number } 发往 { $to }
rung-own = 通知 { $number } 通过 { $to } 发给 { $person }
rung-try = { $to }：{ $said }
rung-delivered = { $to }：已送达
rung-failed = { $to }：失败：{ $why }
rung-taken-back = { $to }：已撤回：{ $why }
rung-incident = 事件 { $incident }：{ $kind }（{ $actor }）{ $text }
rung-on-duty = { $schedule } 值班：{ $who }，依据 { $layer }，{ $from } 至 { $to }
rung-on-duty-override = { $schedule } 值班：{ $who }，依据调班 { $overrides }，{ $from } 至 { $to }
rung-nobody-on-duty = { $schedule } 值班：无人
rung-ways = { $person } 的联系方式：{ $ways }
rung-no-ways = { $person } 没有任何联系方式
rung-quiet = { $person } 的免打扰时段到 { $until }
