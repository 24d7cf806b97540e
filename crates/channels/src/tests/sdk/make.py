"""Signatures of the vendors' own libraries on random requests, as JSON for the tests of ours.

Run in a virtual environment, and write what it prints over vectors.json:

    pip install alibabacloud-tea-openapi==0.4.6 tencentcloud-sdk-python-common==3.1.195 \
        huaweicloudsdkcore==3.1.219 twilio==9.13.0 slack_sdk==3.48.0 vonage-http-client==1.5.2 lark-oapi==1.7.5 wechatpy==1.8.18
    python make.py > vectors.json

Another seed and number of cases make other requests; `BALEFIRE_SDK_VECTORS` leads the tests to them:

    python make.py 7 1000 > /tmp/more.json
"""
import base64
import hashlib
import json
import os
import random
import sys
from datetime import datetime, timezone
from types import SimpleNamespace

from alibabacloud_tea_openapi.utils import Utils
from Crypto.Cipher import AES
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from lark_oapi.core.utils import AESCipher
from slack_sdk.signature import SignatureVerifier
from tencentcloud.common.abstract_client import AbstractClient
from twilio.request_validator import RequestValidator
from vonage_http_client import Auth
from wechatpy.enterprise.crypto import WeChatCrypto

SEED, CASES = [int(given) for given in sys.argv[1:3]] or (20261128, 25)
RANDOM = random.Random(SEED)
LETTERS = "abcXYZ019 -_.~!*'()+/=&?%#:;,@$|\\\"{}[]<>\n\t磁盘告警数据库é€🔥"


def word(most=24, letters=LETTERS):
    return "".join(RANDOM.choice(letters) for _ in range(RANDOM.randint(1, most)))


def plain(most=24):
    return word(most, "abcdefghXYZ0123456789")


def moment():
    return RANDOM.randint(1_600_000_000, 2_000_000_000)


def aliyun():
    date = datetime.fromtimestamp(moment(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {plain(8): word() for _ in range(RANDOM.randint(0, 6))}
    body = word(60) if RANDOM.random() < 0.5 else ""
    headers = {"host": "dysmsapi.aliyuncs.com", "x-acs-action": plain(), "x-acs-version": "2017-05-25",
               "x-acs-date": date, "x-acs-signature-nonce": plain(32),
               "x-acs-content-sha256": hashlib.sha256(body.encode()).hexdigest()}
    if body:
        headers["content-type"] = "application/x-www-form-urlencoded"
    request = SimpleNamespace(method="POST", pathname="/", query=query, headers=headers)
    key, secret = plain(), plain(30)
    signed = Utils.get_authorization(request, "ACS3-HMAC-SHA256", headers["x-acs-content-sha256"], key, secret)
    return {"query": query, "headers": headers, "body": body, "id": key, "secret": secret, "authorization": signed}


def tencent():
    at, service = moment(), RANDOM.choice(["sms", "vms"])
    host, body, secret = f"{service}.tencentcloudapi.com", word(80), plain(32)
    request = SimpleNamespace(uri="/", data=body, method="POST", header={
        "Content-Type": "application/json", "Host": host, "X-TC-Timestamp": str(at)})
    date = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d")
    signature = AbstractClient._get_tc3_signature(None, {}, request, date, service, secret)
    return {"at": at, "service": service, "host": host, "body": body, "secret": secret, "signature": signature}


class Signing(Signer):
    """The library's newer versions do not sign a form's body; the interface of messages wants it signed."""

    @classmethod
    def _process_content_header(cls, request):
        pass


def huawei():
    at = datetime.fromtimestamp(moment(), timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    host, body = plain(10) + ".myhuaweicloud.com:8443", word(80)
    key, secret = plain(20), plain(40)
    path = "/sms/batchSendSms/v1"
    request = SdkRequest("POST", "https", host, path, path, [], {
        "Content-Type": "application/x-www-form-urlencoded", "X-Sdk-Date": at}, body)
    signed = Signing(SimpleNamespace(ak=key, sk=secret)).sign(request).header_params["Authorization"]
    return {"date": at, "host": host, "path": path, "body": body, "id": key, "secret": secret, "authorization": signed}


def twilio():
    token, url = plain(32), f"https://{plain(8).lower()}.example.com/callback/{plain(6)}/{plain(20)}"
    form = {plain(10): word() for _ in range(RANDOM.randint(1, 6))}
    form["CallSid"] = "CA" + plain(20)
    signature = RequestValidator(token).compute_signature(url, form)
    return {"token": token, "url": url, "form": form, "signature": signature}


def slack():
    at, secret, body = moment(), plain(32), word(120)
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return {"at": at, "secret": secret, "body": body, "signature": signature}


def vonage():
    secret = plain(20)
    said = {plain(10): word() for _ in range(RANDOM.randint(1, 6))}
    said.update({"messageId": plain(16), "status": "delivered", "timestamp": str(moment())})
    said["sig"] = Auth(api_key="k", api_secret="s", signature_secret=secret, signature_method="sha256").sign_params(dict(said))
    return {"secret": secret, "said": said}


def lark():
    key, text = plain(), word(200)
    vector = RANDOM.randbytes(16)
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, vector)
    bytes_ = text.encode()
    pad = 16 - len(bytes_) % 16
    sealed = base64.b64encode(vector + cipher.encrypt(bytes_ + bytes([pad]) * pad)).decode()
    assert AESCipher(key).decrypt_str(sealed) == text, "the vendor's library opens it"
    return {"key": key, "text": text, "sealed": sealed}


def wecom():
    key = base64.b64encode(RANDOM.randbytes(32)).decode()[:43]
    token, corp, at, nonce = plain(10), "ww" + plain(16), str(moment()), plain(10)
    text = word(300)
    xml = WeChatCrypto(token, key, corp).encrypt_message(text, nonce, at)
    part = lambda name: xml.split(f"<{name}><![CDATA[")[1].split("]]>")[0]
    return {"key": key, "token": token, "corp": corp, "at": at, "nonce": nonce, "text": text,
            "sealed": part("Encrypt"), "signature": part("MsgSignature")}


print(json.dumps({make.__name__: [make() for _ in range(CASES)] for make in
                  (aliyun, tencent, huawei, twilio, slack, vonage, lark, wecom)}, ensure_ascii=False, indent=1))
