"""A client of the push service, written from its documentation: JSON in, {"code": …} out."""

import json
import sys

import requests

BASE = sys.argv[1]


def say(name, answer):
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.text}))


def post(path, body):
    return requests.post(BASE + path, json=body, timeout=20)


mail = {"subject": "磁盘告警", "from": "ops@example.com", "to": ["li@example.com", "wang@example.com"],
        "content": "db-1 磁盘 95%"}
say("email", post("/email/send/message", mail))
say("email with cc", post("/email/send/message", mail | {"cc": ["boss@example.com"]}))
say("email to one text", post("/email/send/message", mail | {"to": "li@example.com"}))
say("email without content", post("/email/send/message", {k: v for k, v in mail.items() if k != "content"}))
say("email from a stranger", post("/email/send/message", mail | {"from": "ceo@example.com"}))
say("email cc null", post("/email/send/message", mail | {"cc": None}))

slack = {"channel": "ops", "content": "*disk* full on db-1"}
say("slack post", post("/slack/send/message", slack))
say("slack get", requests.get(BASE + "/slack/send/message", json=slack, timeout=20))
say("slack unknown", post("/slack/send/message", slack | {"channel": "nowhere"}))
say("slack missing", post("/slack/send/message", {"channel": "ops"}))

say("dingding all", post("/dingding/send/message", {"content": "所有人注意", "isAtAll": True}))
say("dingding some", post("/dingding/send/message",
                          {"content": "请看", "isAtAll": False, "atMobiles": ["18712345678"]}))
say("dingding text bool", post("/dingding/send/message", {"content": "x", "isAtAll": "true"}))
say("dingding missing", post("/dingding/send/message", {"content": "x", "isAtAll": False}))

wx = {"touser": "chenmin|liwei", "agentid": "1000002", "content": "hello"}
say("wx", post("/wx/apps/send", wx))
say("wx partly", post("/wx/apps/send", wx | {"touser": "chenmin|nobody"}))
say("wx nobody", post("/wx/apps/send", wx | {"touser": "nobody"}))
say("wx number", post("/wx/apps/send", wx | {"agentid": 1000002}))
say("wx missing", post("/wx/apps/send", {"touser": "chenmin"}))

say("not json", requests.post(BASE + "/dingding/send/message", data="{", timeout=20,
                              headers={"Content-Type": "application/json"}))
say("without a type", requests.post(BASE + "/dingding/send/message", timeout=20,
                                    data=json.dumps({"content": "ohne", "isAtAll": True})))
say("wrong method", requests.get(BASE + "/email/send/message", timeout=20))
say("planned", post("/vms/send", {"mobiles": "18712345678", "content": "x"}))
