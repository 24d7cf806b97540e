"""What the vendors' own clients do, with nothing changed but the address and the key.

usage: official.py CLIENT BASE KEY; prints what the client made of the answers, as one line of JSON.
"""

import json
import os
import sys
import time


def pagerduty(base, key):
    import pagerduty as vendor

    client = vendor.EventsApiV2Client(key, base_url=base + "/in/pd")
    name = client.trigger(
        "disk full on db-1",
        "db-1",
        severity="critical",
        dedup_key="disk/db-1",
        custom_details={"mount": "/data", "free": {"percent": 2, "bytes": [1, None, True]}},
        links=[{"href": "https://wiki.example.com/disk", "text": "runbook"}],
    )
    client.acknowledge(name)
    other = client.trigger("cpu high", "db-2", severity="warning")
    client.resolve(other)
    return {"named": name, "made_up": bool(other) and other != name}


def opsgenie(base, key):
    import opsgenie_sdk as vendor

    settings = vendor.configuration.Configuration()
    settings.host = base + "/in/og"
    settings.api_key["Authorization"] = key
    settings.ssl_ca_cert = os.environ["SSL_CERT_FILE"]
    alerts = vendor.AlertApi(vendor.api_client.ApiClient(configuration=settings))
    payload = vendor.CreateAlertPayload(
        message="Disk full",
        alias="disk/db-1",
        priority="P1",
        tags=["db"],
        details={"mount": "/data"},
    )
    created = alerts.create_alert(create_alert_payload=payload)
    done = alerts.get_request_status(request_id=created.request_id).data
    found = alerts.get_alert(identifier="disk/db-1", identifier_type="alias").data
    word = vendor.AcknowledgeAlertPayload(user="chenmin", note="looking")
    alerts.acknowledge_alert("disk/db-1", identifier_type="alias", acknowledge_alert_payload=word)
    word = vendor.AddNoteToAlertPayload(user="chenmin", note="disk ordered")
    alerts.add_note("disk/db-1", add_note_to_alert_payload=word, identifier_type="alias")
    acknowledged = alerts.get_alert(identifier="disk/db-1", identifier_type="alias").data
    counted = alerts.count_alerts(query="status:open").data.count
    word = vendor.CloseAlertPayload(user="chenmin")
    alerts.close_alert("disk/db-1", identifier_type="alias", close_alert_payload=word)
    # It is closed a moment after it was asked for, here as over there.
    for _ in range(200):
        closed = alerts.get_alert(identifier="disk/db-1", identifier_type="alias").data
        if closed.status == "closed":
            break
        time.sleep(0.05)
    return {
        "success": done.is_success,
        "message": found.message,
        "priority": found.priority,
        "tags": found.tags,
        "owner": acknowledged.owner,
        "acknowledged": acknowledged.acknowledged,
        "open": counted,
        "status": closed.status,
    }


def slack(base, key):
    from slack_sdk.webhook import WebhookClient

    client = WebhookClient(f"{base}/in/slack/{key}")
    answer = client.send(
        text="[FIRING] disk full on db-1",
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "*db-1* is at 98 %"}}],
    )
    return {"status": answer.status_code, "body": answer.body}


def apprise(base, key):
    import apprise as vendor

    told = vendor.Apprise()
    told.add(f"apprises://{base.removeprefix('https://')}/in/apprise/{key}")
    done = told.notify(title="disk full", body="db-1 is at 98 %", notify_type="failure")
    return {"told": bool(done)}


def gotify(base, key):
    from gotify import Gotify

    client = Gotify(base_url=base + "/in/gotify", app_token=key)
    made = client.create_message("db-1 is at 98 %", title="disk full", priority=8)
    return {"title": made["title"], "priority": made["priority"], "has_id": made["id"] > 0}


CLIENTS = {one.__name__: one for one in (pagerduty, opsgenie, slack, apprise, gotify)}

if __name__ == "__main__":
    client, base, key = sys.argv[1:]
    print(json.dumps(CLIENTS[client](base, key)))
