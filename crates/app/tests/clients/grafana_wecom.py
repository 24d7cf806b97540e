"""Grafana's webhook as its documentation shows it, posted at the WeCom bridge."""

import json
import sys

import requests

BASE = sys.argv[1]


def say(name, answer):
    kind = answer.headers.get("Content-Type")
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.text, "type": kind}))


ALERT = {
    "dashboardId": 1, "orgId": 1, "panelId": 2, "ruleId": 1, "ruleName": "CPU", "state": "alerting", "tags": {},
    "title": "[Alerting] CPU", "message": "CPU is too hot", "imageUrl": "http://grafana.example.com/1.png",
    "ruleUrl": "http://grafana.example.com/d/1?a=1\u0026b=2",
    "evalMatches": [{"metric": "web-1", "value": 59.70208745031234, "tags": None},
                    {"metric": "web-2", "value": 100, "tags": {}},
                    {"metric": "web-3", "value": 1e3, "tags": {}},
                    {"metric": "web-4", "value": 4, "tags": {}}],
}

say("health", requests.get(BASE + "/api/model/send_sms/", timeout=20))
say("alert", requests.post(BASE + "/api/model/send_sms/", json=ALERT, timeout=20))
say("other path", requests.post(BASE + "/check_service", timeout=20,
                                json={"title": "[OK] CPU", "evalMatches": None, "ruleUrl": None, "state": "ok"}))
say("unified", requests.post(BASE + "/check_service", timeout=20, json={
    "receiver": "wecom", "status": "firing", "title": "[FIRING:1] Mem", "externalURL": "http://grafana.example.com/",
    "alerts": [{"status": "firing", "labels": {"alertname": "Mem"}, "annotations": {"summary": "memory is short"},
                "generatorURL": "http://grafana.example.com/rule/7"}]}))
say("python", requests.post(BASE + "/api/model/send_sms/", data="__import__('os').system('true')", timeout=20))
say("without slash", requests.post(BASE + "/api/model/send_sms", json=ALERT, timeout=20))
