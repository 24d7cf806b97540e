"""A client of AppTools' send endpoints, written from its documentation."""

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
