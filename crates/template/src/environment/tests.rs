//! A golden corpus of operators' templates. It pins what minijinja 3 prints: a new major that prints
//! anything else is a change that users must be told of.

use balefire_core::label::Labels;
use balefire_core::message::{GroupView, Locale};

use super::*;
use crate::context;
use crate::sample;

fn reader() -> Reader {
    Reader {
        locale: Locale::ZhCn,
        zone: "Asia/Shanghai".to_owned(),
    }
}

fn outcome(group: &GroupView, source: &str, escape: Escape) -> Result<String, RenderError> {
    let template = Template {
        title: None,
        text: Some(source.to_owned()),
    };
    let data = with_lists(context::of(group, &reader()));
    render(&template, &data, &reader(), escape).map(|custom| custom.text.unwrap_or_default())
}

fn words(source: &str) -> String {
    outcome(&sample::mixed(), source, Escape::None).expect("words")
}

fn error(source: &str) -> RenderError {
    outcome(&sample::mixed(), source, Escape::None).expect_err("an error")
}

/// One line per template: the source, then what it prints.
fn corpus(sources: &[&str]) -> String {
    let lines =
        sources.iter().map(
            |source| match outcome(&sample::mixed(), source, Escape::None) {
                Ok(words) => format!("{source}  ->  {words}\n"),
                Err(error) => format!("{source}  ->  ! {error}\n"),
            },
        );
    lines.collect()
}

#[test]
fn every_documented_name_is_there_and_no_other() {
    let data = context::of(&sample::mixed(), &reader());
    let mut given: Vec<&str> = data
        .as_object()
        .expect("a map")
        .keys()
        .map(String::as_str)
        .collect();
    given.extend(["firing", "resolved"]);
    given.sort_unstable();
    let mut documented: Vec<&str> = context::NAMES.iter().map(|(name, _)| *name).collect();
    documented.sort_unstable();
    assert_eq!(given, documented);
}

#[test]
fn names_of_a_group() {
    insta::assert_snapshot!(corpus(&[
        "{{ title }}",
        "{{ status }} {{ severity }} {{ receiver }} {{ reason }}",
        "{{ alerts|length }} {{ firing|length }} {{ resolved|length }} {{ truncatedAlerts }}",
        "{{ groupLabels.alertname }} {{ group_labels.alertname }} {{ commonLabels.job }}",
        "{{ commonAnnotations.summary }} {{ common_annotations.summary }}",
        "{{ externalURL }} {{ external_url }} {{ groupKey }}",
        "{{ link }}",
        "{{ locale }} {{ zone }}",
        "{{ firing[0].labels.instance }} {{ firing[0].startsAt }} {{ firing[0].endsAt }}",
        "{{ resolved[0].seconds }} {{ resolved[0].duration }} {{ resolved[0].missed }}",
        "{{ alerts[0].generatorURL }} {{ alerts[0].fingerprint }} {{ alerts[0].severity }}",
    ]), @r#"
    {{ title }}  ->  [已触发 1, 已恢复 1] HighLatency · api-1, api-2, eu-1
    {{ status }} {{ severity }} {{ receiver }} {{ reason }}  ->  firing critical ops first notification
    {{ alerts|length }} {{ firing|length }} {{ resolved|length }} {{ truncatedAlerts }}  ->  2 1 1 0
    {{ groupLabels.alertname }} {{ group_labels.alertname }} {{ commonLabels.job }}  ->  HighLatency HighLatency api
    {{ commonAnnotations.summary }} {{ common_annotations.summary }}  ->  Requests take too long Requests take too long
    {{ externalURL }} {{ external_url }} {{ groupKey }}  ->  https://alerts.example.com https://alerts.example.com {}:{alertname="HighLatency", cluster="eu-1"}
    {{ link }}  ->  https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    {{ locale }} {{ zone }}  ->  zh-CN Asia/Shanghai
    {{ firing[0].labels.instance }} {{ firing[0].startsAt }} {{ firing[0].endsAt }}  ->  api-1 2026-11-22T10:14:05.000Z
    {{ resolved[0].seconds }} {{ resolved[0].duration }} {{ resolved[0].missed }}  ->  200 3 分 20 秒 False
    {{ alerts[0].generatorURL }} {{ alerts[0].fingerprint }} {{ alerts[0].severity }}  ->  http://prometheus.example.com/graph?g0.expr=up 32d35fba76ff6814 critical
    "#);
}

#[test]
fn what_is_missing_prints_as_nothing_and_its_parts_are_errors() {
    insta::assert_snapshot!(corpus(&[
        "[{{ commonLabels.nothing }}]",
        "[{{ nothing }}]",
        "[{{ nothing|default('-') }}]",
        "[{{ nothing|upper }}]",
        "[{{ nothing|time }}{{ nothing|duration }}]",
        "{% if nothing %}yes{% else %}no{% endif %}",
        "{% for a in nothing %}x{% endfor %}-",
        "{{ nothing.deeper }}",
        "{{ alerts[99].labels }}",
    ]), @"
    [{{ commonLabels.nothing }}]  ->  []
    [{{ nothing }}]  ->  []
    [{{ nothing|default('-') }}]  ->  [-]
    [{{ nothing|upper }}]  ->  []
    [{{ nothing|time }}{{ nothing|duration }}]  ->  []
    {% if nothing %}yes{% else %}no{% endif %}  ->  no
    {% for a in nothing %}x{% endfor %}-  ->  -
    {{ nothing.deeper }}  ->  ! undefined value in the text, line 1, column 4: a part of something that is not there
    {{ alerts[99].labels }}  ->  ! undefined value in the text, line 1, column 10: a part of something that is not there
    ");
}

#[test]
fn filters_of_message_writing() {
    insta::assert_snapshot!(corpus(&[
        "{{ alerts[0].starts_at|time }}",
        "{{ alerts[0].starts_at|time('%m-%d %H:%M') }}",
        "{{ alerts[0].starts_at|time(format='%F %H:%M', zone='America/New_York') }}",
        "{{ 0|time(zone='UTC') }}",
        "{{ 'yesterday'|time }}",
        "{{ 0|time('%Ü') }}",
        "{{ 0|time(colour='red') }}",
        "{{ 3700|duration }} {{ '59.9'|duration }} {{ 'long'|duration }}",
        "{{ 'abcdef'|cut(4) }} {{ '告警信息'|cut(3) }} {{ 'abc'|cut(3) }}",
        "{{ 'critical'|severity_icon }}{{ 'P2'|severity_icon }}{{ 'odd'|severity_icon }}{{ 'info'|severity_icon }}",
        "{{ '[a](b)'|markdown_escape }} {{ '<a>'|html_escape }} {{ '<!here>'|slack_escape }}",
        "{{ 'a\nb'|one_line }}",
        "{{ groupLabels|json }} {{ 'a\"b'|json }} {{ nothing|json }}",
        "{{ alerts|map(attribute='labels.instance')|join(', ') }}",
        "{{ 'a-b-c'|replace('-', '.') }}",
    ]), @r#"
    {{ alerts[0].starts_at|time }}  ->  2026-11-22 18:14:05 UTC+8
    {{ alerts[0].starts_at|time('%m-%d %H:%M') }}  ->  11-22 18:14
    {{ alerts[0].starts_at|time(format='%F %H:%M', zone='America/New_York') }}  ->  2026-11-22 05:14
    {{ 0|time(zone='UTC') }}  ->  1970-01-01 00:00:00 UTC
    {{ 'yesterday'|time }}  ->  ! error in the text, line 1, column 16: "yesterday" is not a time
    {{ 0|time('%Ü') }}  ->  ! error in the text, line 1, column 6: time format "%Ü": strftime formatting failed: found unrecognized specifier directive `\xC3`
    {{ 0|time(colour='red') }}  ->  ! error in the text, line 1, column 6: unknown keyword argument 'colour'
    {{ 3700|duration }} {{ '59.9'|duration }} {{ 'long'|duration }}  ->  ! error in the text, line 1, column 53: not a number of seconds
    {{ 'abcdef'|cut(4) }} {{ '告警信息'|cut(3) }} {{ 'abc'|cut(3) }}  ->  abc… 告警… abc
    {{ 'critical'|severity_icon }}{{ 'P2'|severity_icon }}{{ 'odd'|severity_icon }}{{ 'info'|severity_icon }}  ->  🔴🟠🟡🔵
    {{ '[a](b)'|markdown_escape }} {{ '<a>'|html_escape }} {{ '<!here>'|slack_escape }}  ->  ［a］(b) &lt;a&gt; &lt;!here&gt;
    {{ 'a
    b'|one_line }}  ->  a b
    {{ groupLabels|json }} {{ 'a"b'|json }} {{ nothing|json }}  ->  {"alertname":"HighLatency","cluster":"eu-1"} "a\"b" null
    {{ alerts|map(attribute='labels.instance')|join(', ') }}  ->  api-1, api-2
    {{ 'a-b-c'|replace('-', '.') }}  ->  a.b.c
    "#);
}

#[test]
fn the_engines_own_behaviour() {
    insta::assert_snapshot!(corpus(&[
        "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 7.0 }}",
        "{{ 2.5|round }} {{ 3.14159|round(2) }} {{ 3|float }} {{ '42'|int }}",
        "{{ 'hello wORLD it\\'s'|title }} {{ 'aB'|capitalize }}",
        "{{ groupLabels }}",
        "{{ [1, 'a', none, true, 1.5] }}",
        "{{ {'a': '<b>'}|tojson }}",
        "{{ true }} {{ none }} {{ 1 == 1.0 }} {{ 'a' ~ 1 }}",
        "{% for k, v in groupLabels|items %}{{ loop.index }}{{ k }}={{ v }}{% if not loop.last %};{% endif %}{% endfor %}",
        "{% for k in commonLabels %}{{ k }} {% endfor %}",
        "{% set n = namespace(c=0) %}{% for a in alerts %}{% set n.c = n.c + 1 %}{% endfor %}{{ n.c }}",
        "{% macro line(a) %}{{ a.labels.instance }};{% endmacro %}{% for a in alerts %}{{ line(a) }}{% endfor %}",
        "{{ alerts|selectattr('status', 'eq', 'firing')|list|length }} {{ alerts|groupby('status')|length }}",
        "{{ '%s is %d'|format('x', 3) }} {{ 'a,b'|split(',')|last }}",
        "{{ alerts|length is gt 1 }} {{ 'x' in 'xyz' }} {{ 'b'|default('a') }}",
        "{%- if status == 'firing' -%} on {%- elif true -%} off {%- endif -%}",
        "{{ commonAnnotations.summary|lower|truncate(10) }}",
        "{{ alerts|map(attribute='labels.instance')|sort(reverse=true)|first }}",
    ]), @r#"
    {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 7.0 }}  ->  3 -4 2 3.5 1024 7.0
    {{ 2.5|round }} {{ 3.14159|round(2) }} {{ 3|float }} {{ '42'|int }}  ->  2.0 3.14 3.0 42
    {{ 'hello wORLD it\'s'|title }} {{ 'aB'|capitalize }}  ->  Hello World It's Ab
    {{ groupLabels }}  ->  {'alertname': 'HighLatency', 'cluster': 'eu-1'}
    {{ [1, 'a', none, true, 1.5] }}  ->  [1, 'a', None, True, 1.5]
    {{ {'a': '<b>'}|tojson }}  ->  {"a": "\u003cb\u003e"}
    {{ true }} {{ none }} {{ 1 == 1.0 }} {{ 'a' ~ 1 }}  ->  True  True a1
    {% for k, v in groupLabels|items %}{{ loop.index }}{{ k }}={{ v }}{% if not loop.last %};{% endif %}{% endfor %}  ->  1alertname=HighLatency;2cluster=eu-1
    {% for k in commonLabels %}{{ k }} {% endfor %}  ->  alertname cluster job severity
    {% set n = namespace(c=0) %}{% for a in alerts %}{% set n.c = n.c + 1 %}{% endfor %}{{ n.c }}  ->  2
    {% macro line(a) %}{{ a.labels.instance }};{% endmacro %}{% for a in alerts %}{{ line(a) }}{% endfor %}  ->  api-1;api-2;
    {{ alerts|selectattr('status', 'eq', 'firing')|list|length }} {{ alerts|groupby('status')|length }}  ->  1 2
    {{ '%s is %d'|format('x', 3) }} {{ 'a,b'|split(',')|last }}  ->  x is 3 b
    {{ alerts|length is gt 1 }} {{ 'x' in 'xyz' }} {{ 'b'|default('a') }}  ->  True True b
    {%- if status == 'firing' -%} on {%- elif true -%} off {%- endif -%}  ->  on
    {{ commonAnnotations.summary|lower|truncate(10) }}  ->  requests…
    {{ alerts|map(attribute='labels.instance')|sort(reverse=true)|first }}  ->  api-2
    "#);
}

#[test]
fn an_everyday_template_in_full() {
    let source = "{{ severity|severity_icon }} {{ group_labels.alertname }}（{{ firing|length }}/{{ alerts|length }}）
{% for a in alerts %}- {{ a.labels.instance }}：{{ a.annotations.summary }}
  {% if a.status == 'resolved' %}{{ a.ends_at|time('%H:%M') }} 恢复，历时 {{ a.duration }}{% else %}始于 {{ a.starts_at|time('%H:%M') }}{% endif %}
{% endfor %}{{ link }}
";
    insta::assert_snapshot!(words(source), @"
    🔴 HighLatency（1/2）
    - api-1：Requests take too long
      始于 18:14
    - api-2：Requests take too long
      18:17 恢复，历时 3 分 20 秒
    https://alerts.example.com/?group=%7B%7D%3A%7Balertname%3D%22HighLatency%22%2C+cluster%3D%22eu-1%22%7D
    ");
}

#[test]
fn content_is_never_compiled() {
    for value in [
        "{{7*7}}",
        "{% include '/etc/passwd' %}",
        "{{ self.__class__ }}",
        "${jndi:ldap://x/a}",
        "%s%n",
        "#{1+1}",
    ] {
        let mut group = sample::resolved();
        group.alerts[0].annotations =
            Labels::annotations([("summary", value)]).expect("annotations");
        let group = sample::group(group.alerts);
        let source = "{{ commonAnnotations.summary }}|{{ alerts[0].annotations.summary|trim }}|{{ '%s'|format(commonAnnotations.summary) }}";
        assert_eq!(
            outcome(&group, source, Escape::None),
            Ok(format!("{value}|{value}|{value}"))
        );
        for escape in [Escape::Html, Escape::Markdown, Escape::SlackMrkdwn] {
            let told = outcome(&group, source, escape).expect("words");
            assert!(!told.contains("49") && !told.contains("root:"), "{told}");
        }
    }
}

#[test]
fn values_are_escaped_for_the_markup_and_the_operators_words_are_not() {
    let mut group = sample::resolved();
    let hostile = "[pay](https://evil.example) <!channel> **now**";
    group.alerts[0].annotations = Labels::annotations([("summary", hostile)]).expect("annotations");
    let group = sample::group(group.alerts);
    let source = "<b>**{{ common_annotations.summary }}**</b>";
    let told = |escape| outcome(&group, source, escape).expect("words");
    assert_eq!(told(Escape::None), format!("<b>**{hostile}**</b>"));
    assert_eq!(
        told(Escape::Html),
        "<b>**[pay](https:&#x2f;&#x2f;evil.example) &lt;!channel&gt; **now****</b>"
    );
    assert_eq!(
        told(Escape::Markdown),
        "<b>**［pay］(https://evil.example) ＜!channel> ∗∗now∗∗**</b>"
    );
    assert_eq!(
        told(Escape::SlackMrkdwn),
        "<b>**[pay](https://evil.example) &lt;!channel&gt; **now****</b>"
    );
}

#[test]
fn no_detour_leaves_a_value_unescaped() {
    let mut group = sample::resolved();
    group.alerts[0].annotations =
        Labels::annotations([("summary", "<!here> [x](y)")]).expect("annotations");
    let group = sample::group(group.alerts);
    let detours = [
        "{{ common_annotations.summary|upper|lower }}",
        "{{ 'a ' ~ common_annotations.summary }}",
        "{{ common_annotations.summary|replace('q', 'r') }}",
        "{{ [common_annotations.summary]|join(',') }}",
        "{{ ['<i>'|safe, common_annotations.summary]|join(',') }}",
        "{{ common_annotations }}",
        "{{ common_annotations|json }}",
        "{{ common_annotations.summary|cut(50) }}",
        "{{ common_annotations.summary|cut(50)|one_line }}",
        "{{ '<b>%s</b>'|safe|format(common_annotations.summary) }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(common_annotations.summary) }}",
        "{% set x %}{{ common_annotations.summary }}{% endset %}{{ x }}",
        "{% filter upper %}{{ common_annotations.summary }}{% endfilter %}",
        "{{ common_annotations.summary|e }}",
    ];
    for source in detours {
        let slack = outcome(&group, source, Escape::SlackMrkdwn).expect("words");
        assert!(
            !slack.to_lowercase().contains("<!here"),
            "{source}: {slack}"
        );
        let markdown = outcome(&group, source, Escape::Markdown).expect("words");
        assert!(
            !markdown.contains("](") && !markdown.contains("<!"),
            "{source}: {markdown}"
        );
        let html = outcome(&group, source, Escape::Html).expect("words");
        assert!(!html.contains("<!"), "{source}: {html}");
    }
}

#[test]
fn escaping_twice_is_escaping_once() {
    let mut group = sample::resolved();
    group.alerts[0].annotations =
        Labels::annotations([("summary", "a < b & c")]).expect("annotations");
    let group = sample::group(group.alerts);
    let source = "{{ common_annotations.summary|e }} {{ common_annotations.summary|html_escape }}";
    assert_eq!(
        outcome(&group, source, Escape::Html).expect("words"),
        "a &lt; b &amp; c a &lt; b &amp; c"
    );
}

#[test]
fn an_operator_may_vouch_for_a_value() {
    let told = outcome(
        &sample::mixed(),
        "{{ '<b>'|safe }}{{ 'a\nb'|replace('\n', '<br>'|safe) }}",
        Escape::Html,
    );
    assert_eq!(told.as_deref(), Ok("<b>a<br>b"));
}

#[test]
fn errors_say_what_and_where() {
    insta::assert_snapshot!(corpus(&[
        "{{ status",
        "{% for a in alerts %}",
        "{{ status|nonsense }}",
        "{{ nonsense() }}",
        "{{ status + 1 }}",
        "{{ 'x'.y.z }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as x %}",
        "{{ alerts|join(1, 2, 3) }}",
        "{{ status is nonsense }}",
        "{{ self.__class__.__mro__ }}",
    ]), @"
    {{ status  ->  ! syntax error in the text, line 1, column 4: unexpected end of input, expected end of variable block
    {% for a in alerts %}  ->  ! syntax error in the text, line 1, column 20: unexpected end of input, expected end of block
    {{ status|nonsense }}  ->  ! error in the text, line 1, column 11: filter nonsense is unknown
    {{ nonsense() }}  ->  ! error in the text, line 1, column 4: nonsense is unknown
    {{ status + 1 }}  ->  ! error in the text, line 1, column 4: tried to use + operator on unsupported types string and number
    {{ 'x'.y.z }}  ->  ! undefined value in the text, line 1, column 7: a part of something that is not there
    {% include '/etc/passwd' %}  ->  ! error in the text, line 1, column 4: tried to include non-existing template '/etc/passwd'
    {% import 'x' as x %}  ->  ! error in the text, line 1, column 4: tried to include non-existing template 'x'
    {{ alerts|join(1, 2, 3) }}  ->  ! error in the text, line 1, column 11: value is not a string
    {{ status is nonsense }}  ->  ! error in the text, line 1, column 14: test nonsense is unknown
    {{ self.__class__.__mro__ }}  ->  ! undefined value in the text, line 1, column 4: a part of something that is not there
    ");
}

#[test]
fn limits_are_named() {
    assert_eq!(
        error("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}"),
        RenderError::Limit(Limit::Steps)
    );
    assert_eq!(
        error("{% for i in range(100000000) %}{% endfor %}"),
        RenderError::Limit(Limit::Memory)
    );
    assert_eq!(
        error("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        RenderError::Limit(Limit::Depth)
    );
    assert_eq!(
        error("{{ 'x' * 70000 }}"),
        RenderError::Limit(Limit::Output)
    );
    assert_eq!(
        error(&"x".repeat(SOURCE_BYTES + 1)),
        RenderError::Limit(Limit::Source)
    );
    assert_eq!(
        error("{{ ('a' * 100000)|replace('a', 'b' * 1000) }}"),
        RenderError::Limit(Limit::Memory)
    );
}

#[test]
fn a_title_is_one_line_and_an_empty_result_keeps_the_default_words() {
    let data = with_lists(context::of(&sample::mixed(), &reader()));
    let template = Template {
        title: Some("{{ status }}\n  now ".to_owned()),
        text: Some("{# nothing #}\n".to_owned()),
    };
    let custom = render(&template, &data, &reader(), Escape::None).expect("words");
    assert_eq!(
        (custom.title.as_deref(), custom.text),
        (Some("firing now"), None)
    );
}

#[test]
fn every_sample_renders_with_the_everyday_names() {
    let source = "{{ title }}{{ text }}{% for a in alerts %}{{ a.labels.instance }}{{ a.starts_at|time('%H:%M') }}{{ a.ends_at|time }}{% endfor %}";
    for (name, group) in sample::all().iter().filter(|(name, _)| *name != "huge") {
        assert!(outcome(group, source, Escape::Markdown).is_ok(), "{name}");
    }
}

#[test]
fn reading_a_source_works_out_no_products() {
    assert_eq!(
        inert("{{ 'a' * 9 }}{{ 2 ** 3 }}{{ f(*x, **y) }}"),
        "{{ 'a' + 9 }}{{ 2 ** 3 }}{{ f(*x, **y) }}"
    );
    // Some 350 GB, were it done.
    let bomb = format!("{{{{ [{}] }}}}", "'a'*100000000,".repeat(3_500));
    assert_eq!(compile(Part::Text, &bomb), Ok(()));
    assert_eq!(unknown_names(&bomb, &[]), Vec::<String>::new());
}
