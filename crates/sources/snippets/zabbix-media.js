// Balefire: script of a Zabbix media type (type "Webhook"), Zabbix 5.0 and later.
//
// Parameters of the media type, name = value:
//   balefire_url           = http://balefire.example.com:9119/in/zabbix   (the source's address)
//   balefire_token         = the source's token; leave empty if it has none
//   event_source           = {EVENT.SOURCE}
//   event_value            = {EVENT.VALUE}
//   event_update_status    = {EVENT.UPDATE.STATUS}
//   event_id               = {EVENT.ID}
//   event_name             = {EVENT.NAME}
//   event_nseverity        = {EVENT.NSEVERITY}
//   event_severity         = {EVENT.SEVERITY}
//   event_status           = {EVENT.STATUS}
//   event_date             = {EVENT.DATE}
//   event_time             = {EVENT.TIME}
//   event_recovery_date    = {EVENT.RECOVERY.DATE}
//   event_recovery_time    = {EVENT.RECOVERY.TIME}
//   event_opdata           = {EVENT.OPDATA}
//   event_tagsjson         = {EVENT.TAGSJSON}
//   event_ack_status       = {EVENT.ACK.STATUS}
//   event_update_action    = {EVENT.UPDATE.ACTION}
//   event_update_message   = {EVENT.UPDATE.MESSAGE}
//   user_fullname          = {USER.FULLNAME}
//   trigger_id             = {TRIGGER.ID}
//   trigger_description    = {TRIGGER.DESCRIPTION}
//   host_name              = {HOST.NAME}
//   host_host              = {HOST.HOST}
//   host_ip                = {HOST.IP}
//   item_lastvalue         = {ITEM.LASTVALUE}
//   alert_subject          = {ALERT.SUBJECT}
//   alert_message          = {ALERT.MESSAGE}
//   zabbix_url             = {$ZABBIX.URL}
//
// Dates have no zone: set `timezone` of the source in Balefire to that of the Zabbix server.
// The media needs message templates for problem, recovery and update, and the action must send
// recovery and update messages, or nothing will ever be resolved.

var params = JSON.parse(value);
var url = params.balefire_url;
var token = params.balefire_token;
delete params.balefire_url;
delete params.balefire_token;

if (typeof url !== 'string' || !/^https?:\/\//.test(url)) {
    throw 'Balefire: set the parameter balefire_url to the http(s) address of the source';
}

// Zabbix 5.0 to 5.2 call the class CurlHttpRequest and spell its methods with capitals.
var modern = typeof HttpRequest !== 'undefined';
var request = modern ? new HttpRequest() : new CurlHttpRequest();

function header(line) {
    if (modern) {
        request.addHeader(line);
    } else {
        request.AddHeader(line);
    }
}

header('Content-Type: application/json');
if (typeof token === 'string' && token !== '' && token.charAt(0) !== '{') {
    header('Authorization: Bearer ' + token);
}

var body = JSON.stringify(params);
var answer = modern ? request.post(url, body) : request.Post(url, body);
var status = modern ? request.getStatus() : request.Status();

// Thrown errors make Zabbix try again, as often as the media type's "Attempts" says.
if (status < 200 || status > 299) {
    throw 'Balefire answered ' + status + ': ' + String(answer).substring(0, 300);
}
return 'OK';
