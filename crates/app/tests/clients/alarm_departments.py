"""Sets departments of /alarm_v2 by API, signs for them, and says what came of each step."""

import ast
import hashlib
import json
import sys

import requests

BASE, TOKEN = sys.argv[1:3]
API = BASE + "/api/v1/alarm-departments"
OWN, OTHER = "a-salt-of-our-own", "another-salt"
PUBLISHED = "YYLmfY6IRdjZMQ1"
KEY = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def say(name, outcome):
    print(json.dumps({"name": name, "outcome": outcome}, ensure_ascii=False), flush=True)


def ask(method, path="", body=None, token=TOKEN):
    headers = {"Authorization": "Bearer " + token}
    answer = requests.request(method, API + path, json=body, timeout=20, headers=headers)
    # No answer, not even a refusal, holds a secret.
    for secret in (OWN, OTHER, PUBLISHED, KEY):
        assert secret not in answer.text, answer.text
    return answer.status_code, answer.json() if answer.text else {}


def put(dep, body, token=TOKEN):
    return ask("PUT", "/" + dep, body, token)


def alarm(dep, salt, **more):
    fields = {"id": "chenmin", "level": "3", "dep": dep, "env": "prod"} | more
    values = "".join(fields[key] for key in sorted(fields))
    return fields | {"sign": hashlib.md5((values + salt).encode()).hexdigest()}


def send(fields):
    answer = requests.post(BASE + "/alarm_v2", data=json.dumps(fields), timeout=20)
    return ast.literal_eval(answer.text)["code"]


say("unknown", send(alarm("du-net", OWN, alert_host="a")))
for name, body in [("nobody could sign", {"label": "网络"}), ("published", {"salt": PUBLISHED}), ("empty", {"salt": ""}),
                   ("a short key", {"signingSecret": "whsec_AAAA"}), ("a wrong window", {"salt": OWN, "window": "soon"}),
                   ("too long a window", {"salt": OWN, "replayWindow": "31d"}), ("a wrong key", {"slat": OWN})]:
    say(name, put("du-net", body)[0])
say("with no right", put("du-net", {"salt": OWN}, token="ingest-token-ingest-token")[0])
status, view = put("du-net", {"label": "网络", "salt": OWN, "threshold": 0, "window": "90s"})
say("new", [status, view["label"], view["window"], view["salt"], view["from"], view["signatures"]])
say("signed", send(alarm("du-net", OWN, alert_host="b")))
say("wrongly signed", send(alarm("du-net", OTHER, alert_host="b")))

# What is left out stays, `null` takes it back; a secret beside it keeps the department signable.
status, view = put("du-net", {"replayWindow": "1h", "signingSecret": KEY})
say("changed", [status, view["label"], view["salt"], view["signingSecret"], view["replayWindow"], view["signatures"]])
again = alarm("du-net", OWN, alert_host="c", notes="x")
say("once", send(again))
say("replayed", send(again))
# The same values under another name have the same signature.
renamed = {key: value for key, value in again.items() if key != "notes"} | {"others": "x"}
say("replayed by another name", send(renamed))
say("another", send(alarm("du-net", OWN, alert_host="d")))
status, view = put("du-net", {"salt": None, "signingSecret": KEY})
say("salt taken back", [status, view["salt"], send(alarm("du-net", OWN, alert_host="e"))])

# Before the document's, and then the document's again.
say("of the document", send(alarm("du-op", "balefire-test-salt", alert_host="f")))
status, view = put("du-op", {"salt": OTHER})
say("before it", [status, view["salt"], send(alarm("du-op", OTHER, alert_host="g")),
                  send(alarm("du-op", "balefire-test-salt", alert_host="g"))])
status, found = ask("GET")
say("list", [[one["dep"], one["from"], one["salt"]] for one in found["departments"]])
say("taken back", [ask("DELETE", "/du-op")[0], ask("DELETE", "/du-op")[0],
                   send(alarm("du-op", "balefire-test-salt", alert_host="h"))])
say("gone", [ask("DELETE", "/du-net")[0], send(alarm("du-net", OWN, alert_host="i"))])
