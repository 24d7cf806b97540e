"""A client of /alarm_v2 and /alarm, written from the documentation: signed JSON, the answer evaluated as Python.

With `send` behind the address it signs and sends the alarms on its standard input, one a line and all together.
"""

import ast
import base64
import concurrent.futures
import hashlib
import hmac
import json
import sys
import time

import requests

BASE = sys.argv[1]
SALT = "balefire-test-salt"
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def say(name, answer):
    # What stock clients do with the body is eval.
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.text,
                      "type": answer.headers.get("Content-Type"), "deprecation": answer.headers.get("Deprecation"),
                      "code": ast.literal_eval(answer.text)["code"]}), flush=True)


def values(fields):
    return "".join(fields[key] for key in sorted(fields) if key != "sign")


def sign_of(fields, salt=SALT):
    return hashlib.md5((values(fields) + salt).encode()).hexdigest()


def signed(fields, salt=SALT):
    return fields | {"sign": sign_of(fields, salt)}


def post(body, path="/alarm_v2", headers=None):
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return requests.post(BASE + path, data=data, timeout=20, headers=headers)


def webhook(fields, id, after=0, secret=SECRET, more=""):
    """The headers of Standard Webhooks: an HMAC-SHA256 over id, seconds and body."""
    body = json.dumps(fields).encode()
    seconds = str(int(time.time()) + after)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    signature = more + "v1," + base64.b64encode(mac).decode()
    return post(body, headers={"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signature})


if "send" in sys.argv[2:]:
    alarms = [json.loads(line) for line in sys.stdin]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for number, answer in enumerate(pool.map(lambda fields: post(signed(fields)), alarms)):
            say(f"alarm {number}", answer)
    sys.exit()

ALARM = {"id": "chenmin", "level": "3", "dep": "du-op", "env": "prod", "alert_level": "高", "alert_host": "db-1",
         "alert_time": "2018-06-28 10:09:09", "alert_business": "it's a 测试", "extra": "x"}

say("get", requests.get(BASE + "/alarm_v2", timeout=20))
for name, body in [("no json", "{"), ("not utf-8", b"\xff\xfe"), ("empty", ""), ("a list", "[]"), ("null", "null"),
                   ("deep", "[" * 100_000), ("infinite", '{"a": 1e999}'), ("a surrogate", '{"a": "\\ud800"}'),
                   ("a mark", "\ufeff{}".encode()), ("too much", "{}}")]:
    say(name, post(body))
say("a nul", post(signed(ALARM | {"notes": "a\0b"})))
# Of a key that comes twice the last counts.
twice = json.dumps(signed(ALARM | {"dep": "du-fe", "alert_host": "twice"}))
say("twice", post('{"id": "nobody", "alert_host": "once", ' + twice[1:]))
say("missing", post(signed(ALARM | {"level": ""})))
say("a number", post(signed(ALARM) | {"level": 3}))
say("a zero", post(signed(ALARM) | {"level": 0}))
say("department", post(signed(ALARM | {"dep": "xxx"})))
good = sign_of(ALARM)
for name, sign in [("signature", sign_of(ALARM, "other")), ("upper case", good.upper()), ("short", "a"),
                   ("31 digits", good[:31]), ("33 digits", good + "0"), ("empty sign", ""), ("a list as sign", [good]),
                   ("a number as sign", 5)]:
    say(name, post(ALARM | {"sign": sign}))
say("environment", post(signed(ALARM | {"env": "test"})))
say("nobody", post(signed(ALARM | {"id": "nobody", "alert_host": "db-2"})))
say("letters as level", post(signed(ALARM | {"level": "abc", "alert_host": "db-3"})))
for number in range(1, 6):
    say(f"same text {number}", post(signed(ALARM)))
for number in range(1, 5):
    say(f"cloud {number}", post(signed(ALARM | {"dep": "du-srv"})))
with_hmac = ALARM | {"dep": "du-fe"}
mac = hmac.new(SALT.encode(), values(with_hmac).encode(), hashlib.sha256).hexdigest()
say("hmac", post(with_hmac | {"sign": mac}))

# The values are signed without their names and borders.
pair = ALARM | {"dep": "du-fe", "notes": "x"}
say("a pair", post(signed(pair)))
renamed = {key: value for key, value in pair.items() if key != "notes"} | {"others": "x"}
assert sign_of(pair) == sign_of(renamed)
say("its other half", post(signed(renamed)))

# Signed headers: the body may hold what it likes, and needs no `sign`.
any_body = {"id": "chenmin", "level": 3, "dep": "du-fe", "env": "dev", "count": 7, "tags": ["a", "b"]}
say("webhook", webhook(any_body, "msg_1"))
say("webhook again", webhook(any_body, "msg_1"))
say("webhook two signatures", webhook(any_body, "msg_2", more="v1,AAAA v1a,BBBB "))
say("webhook early", webhook(any_body, "msg_3", after=-600))
say("webhook late", webhook(any_body, "msg_4", after=600))
say("webhook other secret", webhook(any_body, "msg_5", secret="whsec_" + base64.b64encode(b"x" * 32).decode()))
say("webhook without dep", webhook({key: any_body[key] for key in ("id", "level", "env")}, "msg_6"))
say("webhook list as dep", webhook(any_body | {"dep": ["du-fe"]}, "msg_7"))
say("webhook cut", post(any_body, headers={"webhook-id": "msg_8", "webhook-timestamp": str(int(time.time())),
                                           "webhook-signature": "v1,"}))

old = {"id": "chenmin", "level": "3", "data": "old words"}
old["sign"] = hashlib.md5((old["id"] + old["level"] + old["data"] + SALT).encode()).hexdigest()
say("old get", requests.get(BASE + "/alarm", params=old, timeout=20))
say("old post", post(old | {"level": 3}, "/alarm"))
say("old put", requests.put(BASE + "/alarm", timeout=20))
