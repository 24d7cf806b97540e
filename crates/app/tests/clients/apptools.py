"""A client of AppTools, written from its documentation."""

import json
import sys

import requests

BASE = sys.argv[1]


def say(name, answer):
    kind = answer.headers.get("Content-Type")
    print(json.dumps({"name": name, "status": answer.status_code, "body": answer.text, "type": kind}))


def post(path, body):
    # The stock client sends JSON without saying so.
    return requests.post(BASE + path, data=json.dumps(body), timeout=20)


for path in ["/sendmail", "/sendsms", "/send_dingtalk", "/send_wechat"]:
    say("GET " + path, requests.get(BASE + path, timeout=20))

mail = {"to_list": "li@example.com, wang@example.com", "subject": "测试邮件", "content": "<b>磁盘</b>",
        "subtype": "html", "att": "None"}
say("mail", post("/sendmail", mail))
say("mail plain", post("/sendmail", {"to_list": "li@example.com", "subject": "s", "content": "磁盘 95%"}))
say("mail missing", post("/sendmail", {"subject": "s", "content": "c"}))
say("mail attachment", post("/sendmail", mail | {"att": "/etc/hostname"}))

ding = {"msgtype": "text", "content": "告警 <数据库>", "phone": "18712345678,18812345678", "is_at_all": "False"}
say("ding", post("/send_dingtalk", ding))
say("ding link", post("/send_dingtalk", {"msgtype": "link", "title": "标题", "content": "内容",
                                          "url": "http://example.com/a", "phone": "None", "is_at_all": "True"}))
say("ding all", post("/send_dingtalk", {"content": "大家好", "phone": "None", "is_at_all": "True"}))
say("ding number", post("/send_dingtalk", ding | {"phone": "1871234567"}))
say("ding no number", post("/send_dingtalk", ding | {"phone": ""}))
say("ding empty", post("/send_dingtalk", {"phone": "None"}))

say("sms", post("/sendsms", {"msg": "磁盘满", "phone": "18712345678,18812345678"}))
say("sms blank", post("/sendsms", {"msg": "磁盘满", "phone": "18712345678, 18812345678"}))
say("sms empty", post("/sendsms", {"msg": "", "phone": ""}))

say("wechat", post("/send_wechat", {"text": "标题", "desp": "**正文**"}))
say("wechat empty", post("/send_wechat", {}))



def upload(name, content, field="file"):
    return requests.post(BASE + "/upload_file", files={field: (name, content)}, timeout=20)


say("upload form", requests.get(BASE + "/upload_file", timeout=20))
say("upload", upload("月报.txt", "磁盘 95%\r\n第二行\n".encode()))
say("upload again", upload("月报.txt", "磁盘 96%\n".encode()))
say("upload other field", upload("x.txt", b"x", field="upload"))
say("upload two", requests.post(BASE + "/upload_file", timeout=20, files=[
    ("note", (None, "not a file")), ("file", ("first.bin", bytes(range(256)))), ("file", ("second.bin", b"2"))]))
say("upload path", upload("../../evil.txt", b"inside"))
for name in ["月报.txt", "first.bin", "second.bin", "evil.txt", "..%2fevil.txt"]:
    say("fetch " + name, requests.get(BASE + "/static/files/" + name, timeout=20))

plain = {"to_list": "li@example.com", "subject": "附件", "content": "请查收", "subtype": "plain"}
for att in ["static/files/月报.txt", "first.bin", "None", "", None]:
    say("att %r" % (att,), post("/sendmail", plain | {"att": att}))
for att in ["/etc/passwd", "../../app.db", "file:///etc/shadow", "\\\\host\\share", "static/files/../x",
            "/static/files/first.bin", "second.bin", "..", 7, ["first.bin"]]:
    say("bad att %r" % (att,), post("/sendmail", plain | {"att": att}))

say("not json", requests.post(BASE + "/sendmail", data="to_list=a&subject=b", timeout=20))
say("put", requests.put(BASE + "/sendmail", data="{}", timeout=20))


# Faults: requests with JSON bodies and no content type, for every method.
def fault(method, body):
    return requests.request(method, BASE + "/fault", data=json.dumps(body), timeout=20)


disk = {"fault_name": "数据库磁盘 <满>", "fault_level": "2", "fault_state": 1, "fault_penson": "陈敏",
        "processing_penson": "李伟", "fault_report": "见附件 & 日志", "fault_start_time": "2018-11-22 10:00:00",
        "fault_end_time": "2018-11-24T11:30:05", "fault_issue": "日志未清理", "fault_summary": "已扩容"}
say("fault", fault("POST", disk))
say("fault again", fault("POST", disk))
say("fault without", fault("POST", {key: value for key, value in disk.items() if key != "fault_penson"}))
say("fault nothing", fault("POST", {}))
say("fault level", fault("POST", disk | {"fault_name": "b", "fault_level": "high"}))
say("fault time", fault("POST", disk | {"fault_name": "b", "fault_start_time": "2018-02-30"}))
say("fault dates", fault("POST", disk | {"fault_name": "日期", "fault_level": 4, "fault_state": 0,
                                         "fault_report": None, "fault_start_time": "20181122",
                                         "fault_end_time": "2018/11/22"}))
say("fault put", fault("PUT", {"fault_name": "数据库磁盘 <满>", "fault_state": "0", "fault_summary": "已更换"}))
say("fault put unknown", fault("PUT", {"fault_name": "没有"}))
say("fault put nothing", fault("PUT", {}))
say("fault page", requests.get(BASE + "/fault", timeout=20))
say("fault json", requests.get(BASE + "/fault", headers={"Accept": "application/json"}, timeout=20))
say("fault format", requests.get(BASE + "/fault", params={"format": "json", "page": 2, "limit": 1}, timeout=20))
say("fault search", requests.get(BASE + "/fault", params={"format": "json", "key": "fault_state", "value": "0",
                                                           "limit": 1}, timeout=20))
say("fault delete", fault("DELETE", {"fault_name": "日期"}))
say("fault delete again", fault("DELETE", {"fault_name": "日期"}))
say("fault delete nothing", fault("DELETE", {}))
say("fault form", requests.post(BASE + "/fault", data="fault_name=a", timeout=20))
say("fault patch", requests.patch(BASE + "/fault", data="{}", timeout=20))
REMINDER = BASE + "/event_reminder"


def send(method, body):
    # Nor does it say so when it changes or removes something.
    return requests.request(method, REMINDER, data=json.dumps(body), timeout=20)


event = {"name": "SSL <b>证书</b>", "content": "<script>alert(1)</script>", "email": "li@example.com,wang@example.com",
         "advance_at": "7", "expire_at": "2098-11-22 10:00:00"}
say("event", send("POST", event))
say("event again", send("POST", event))
say("event empty", send("POST", {}))
for field in event:
    say("event without " + field, send("POST", {key: value for key, value in event.items() if key != field}))
for number, time in enumerate(["2098-11-22", "2098-11-22T11:30:05", "2098/11/22", "20981122"]):
    say("event at " + time, send("POST", event | {"name": f"event {number}", "expire_at": time, "advance_at": 0}))
say("event wrong days", send("POST", event | {"name": "x", "advance_at": "soon"}))
say("event wrong time", send("POST", event | {"name": "x", "expire_at": "tomorrow"}))
say("event wrong email", send("POST", event | {"name": "x", "email": "nobody"}))
say("event long", send("POST", event | {"name": "x" * 101}))
say("event injection", send("POST", event | {"name": "' OR 1=1--", "content": "\"; DROP TABLE reminder;--"}))
say("event put", send("PUT", {"name": "event 0", "content": "new"}))
say("event put unknown", send("PUT", {"name": "nothing", "content": "new"}))
say("event put empty", send("PUT", {}))
say("event put wrong", send("PUT", {"name": "event 0", "expire_at": "x"}))
say("event page", requests.get(REMINDER, timeout=20))
say("event list", requests.get(REMINDER, headers={"Accept": "application/json"}, timeout=20))
say("event search", requests.get(REMINDER, params={"format": "json", "page": 2, "limit": 3, "key": "name",
                                                   "value": "EVENT"}, timeout=20))
say("event search all", requests.get(REMINDER, params={"format": "json", "value": "%"}, timeout=20))
say("event search wrong", requests.get(REMINDER, params={"format": "json", "key": "id;"}, timeout=20))
say("event delete", send("DELETE", {"name": "' OR 1=1--"}))
say("event delete unknown", send("DELETE", {"name": "' OR 1=1--"}))
say("event delete empty", send("DELETE", {}))
say("event left", requests.get(REMINDER, params={"format": "json"}, timeout=20))
say("event patch", send("PATCH", {}))
