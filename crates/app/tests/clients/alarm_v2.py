"""A client of /alarm_v2 and /alarm, written from the documentation: signed JSON, the answer evaluated as Python."""

import ast
import hashlib
import hmac
import json
import sys

import requests

BASE = sys.argv[1]
SALT = "balefire-test-salt"


def say(name, answer):
    # What stock clients do with the body is eval.
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.text,
                      "type": answer.headers.get("Content-Type"), "code": ast.literal_eval(answer.text)["code"]}))


def values(fields):
    return "".join(fields[key] for key in sorted(fields) if key != "sign")


def signed(fields, salt=SALT):
    return fields | {"sign": hashlib.md5((values(fields) + salt).encode()).hexdigest()}


def post(body, path="/alarm_v2"):
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return requests.post(BASE + path, data=data, timeout=20)


ALARM = {"id": "chenmin", "level": "3", "dep": "du-op", "env": "prod", "alert_level": "高", "alert_host": "db-1",
         "alert_time": "2018-06-28 10:09:09", "alert_business": "it's a 测试", "extra": "x"}

say("get", requests.get(BASE + "/alarm_v2", timeout=20))
say("no json", post("{"))
say("not utf-8", post(b"\xff\xfe"))
say("a list", post("[]"))
say("missing", post(signed(ALARM | {"level": ""})))
say("a number", post(signed(ALARM) | {"level": 3}))
say("department", post(signed(ALARM | {"dep": "xxx"})))
say("signature", post(signed(ALARM, "other")))
say("environment", post(signed(ALARM | {"env": "test"})))
say("nobody", post(signed(ALARM | {"id": "nobody", "alert_host": "db-2"})))
for number in range(1, 6):
    say(f"same text {number}", post(signed(ALARM)))
for number in range(1, 5):
    say(f"cloud {number}", post(signed(ALARM | {"dep": "du-srv"})))
with_hmac = ALARM | {"dep": "du-fe"}
mac = hmac.new(SALT.encode(), values(with_hmac).encode(), hashlib.sha256).hexdigest()
say("hmac", post(with_hmac | {"sign": mac}))

old = {"id": "chenmin", "level": "3", "data": "old words"}
old["sign"] = hashlib.md5((old["id"] + old["level"] + old["data"] + SALT).encode()).hexdigest()
say("old get", requests.get(BASE + "/alarm", params=old, timeout=20))
say("old post", post(old | {"level": 3}, "/alarm"))
say("old put", requests.put(BASE + "/alarm", timeout=20))
