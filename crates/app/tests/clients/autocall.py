"""The Android app that asks for calls, from the description of what it does; its seconds can be made shorter.

It knows one call and where it is in its list. A body that is empty, an object without "code", or work without "mid" or
"phone" ends its thread for good; a network error or a body that is no JSON does not. Every line it prints is something
that it did.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request

options = argparse.ArgumentParser()
options.add_argument("url")
options.add_argument("--model", default="Mi 10")
options.add_argument("--answers", default="", help="numbers that somebody answers")
options.add_argument("--second", type=float, default=0.02, help="how long a second of the app lasts")
options.add_argument("--polls", type=int, default=40, help="how often it asks")
options.add_argument("--until", default="", help="ends after it did this")
options = options.parse_args()
answers = options.answers.split(",")

INTERVAL, REST, RINGS = 10, 15, 12


def say(**words):
    print(json.dumps(words, ensure_ascii=False), flush=True)
    if options.until and words.get("did") == options.until:
        sys.exit(0)


def sleep(seconds):
    time.sleep(seconds * options.second)


def request(method, url):
    """The body, whatever the status; the app does not look at it."""
    asked = urllib.request.Request(url, method=method, data=b"" if method == "POST" else None)
    asked.add_header("model", options.model)
    asked.remove_header("Content-type")
    try:
        with urllib.request.urlopen(asked, timeout=25) as answer:
            return answer.read()
    except urllib.error.HTTPError as answer:
        return answer.read()


class Log:
    """The telephone's call log: its last entry."""
    number, duration = None, 0

    def dial(self, number):
        say(did="dial", number=number)
        self.number, self.duration = number, 7 if number in answers else 0


class App:
    mid = number = None
    log = Log()

    def post(self, mid, number=None):
        # The number first, unescaped.
        query = f"?resp={number}&mid={mid}" if number else f"?mid={mid}"
        body = request("POST", options.url + query)
        say(did="answered" if number else "nobody", mid=mid, number=number, body=body.decode())

    def poll(self):
        body = request("GET", options.url)
        if not body:
            say(did="died", why="an empty body")
            sys.exit(3)
        work = json.loads(body)
        if not isinstance(work, dict) or "code" not in work:
            say(did="died", why="no code", body=body.decode())
            sys.exit(3)
        if str(work["code"]) != "0":
            say(did="idle", body=work)
            return
        if "mid" not in work or "phone" not in work:
            say(did="died", why="no mid or phone", body=body.decode())
            sys.exit(3)
        self.work(str(work["mid"]), work["phone"])

    def work(self, mid, phones):
        if mid != self.mid:
            self.mid, self.number = mid, phones[0]
            self.log.dial(self.number)
            # It does not ask while the first number rings.
            sleep(RINGS)
            return
        if self.log.number == self.number and self.log.duration > 0:
            # It keeps the call in mind, and says it again if it gets it again.
            self.post(mid, self.number)
            return
        place = phones.index(self.number)
        if place + 1 < len(phones):
            self.number = phones[place + 1]
            self.log.dial(self.number)
            return
        self.post(mid)
        self.mid = None


app = App()
for _ in range(options.polls):
    try:
        app.poll()
        sleep(INTERVAL)
    except (OSError, ValueError) as error:
        say(did="failed", why=type(error).__name__)
        sleep(REST)
