# Senders that know a chat or a phone, sent to Balefire instead. TOKEN is the token of the source.

# Slack or Mattermost: the address of the incoming webhook
curl -d '{"text": "[FIRING] disk full on db-01", "channel": "#ops"}' http://127.0.0.1:9119/in/slack/TOKEN

# ntfy: the server's address, with an access token
curl -H 'Authorization: Bearer TOKEN' -H 'Title: Disk full' -H 'Priority: urgent' -d '/ is at 97 %' http://127.0.0.1:9119/in/ntfy/ops

# Gotify: the server's address, with an application token
curl -H 'X-Gotify-Key: TOKEN' -F 'title=Disk full' -F 'message=/ is at 97 %' -F 'priority=8' http://127.0.0.1:9119/in/gotify/message

# Apprise: its own API
apprise --title 'Disk full' --body '/ is at 97 %' --notification-type failure apprise://127.0.0.1:9119/in/apprise/TOKEN
