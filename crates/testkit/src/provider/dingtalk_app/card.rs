//! Interactive cards: the address that presses go to, and cards created and delivered.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{CLIENT_ID, Company, Named, text};

/// Bytes of a variable's name and of its value.
const MAX_NAME: usize = 100;
/// See [`MAX_NAME`].
const MAX_VALUE: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Cards {
    /// Address and secret of each route.
    routes: BTreeMap<String, (String, String)>,
    /// Ids of cards that there are.
    made: BTreeSet<String>,
}

/// The headers of a press: the time is signed, and nothing else.
pub(super) fn signed(secret: &str, millis: &str) -> [(&'static str, String); 2] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, millis.as_bytes()));
    [
        ("x-ddpaas-signature-timestamp", millis.to_owned()),
        ("x-ddpaas-signature", signature),
    ]
}

impl Cards {
    pub(super) fn route(&self, key: &str) -> Option<(String, String)> {
        self.routes.get(key).cloned()
    }

    pub(super) fn take(
        &mut self,
        what: &str,
        body: &Value,
        company: &Company,
    ) -> Result<Value, Named> {
        if what == "callbacks/register" {
            let key = text(body, "callbackRouteKey")?.to_owned();
            let url = text(body, "callbackUrl")?.to_owned();
            let secret = text(body, "apiSecret")?.to_owned();
            if self.routes.contains_key(&key) && body["forceUpdate"] != true {
                return Err((400, "param.routeKeyExist", key));
            }
            self.routes.insert(key, (url, secret));
            return Ok(json!({"success": true, "result": {"apiSecret": "…"}}));
        }
        let id = text(body, "outTrackId")?.to_owned();
        text(body, "cardTemplateId")?;
        check_variables(&body["cardData"]["cardParamMap"])?;
        if body["callbackType"] == "HTTP" {
            let key = text(body, "callbackRouteKey")?;
            if !self.routes.contains_key(key) {
                return Err((400, "param.routeKeyNotExist", key.to_owned()));
            }
        }
        if self.made.contains(&id) {
            return Err((400, "param.cardAlreadyExist", id));
        }
        let space = text(body, "openSpaceId")?;
        let answer = deliver(body, space, company)?;
        self.made.insert(id);
        Ok(answer)
    }
}

fn check_variables(map: &Value) -> Result<(), Named> {
    let wrong = |words: String| (400, "param.cardParamMap", words);
    let map = map.as_object();
    let map = map.ok_or_else(|| wrong("cardParamMap is missing".into()))?;
    for (name, value) in map {
        let value = value.as_str();
        let value = value.ok_or_else(|| wrong(format!("{name} is no text")))?;
        if name.len() > MAX_NAME || value.len() > MAX_VALUE {
            return Err(wrong(format!("{name} is too long")));
        }
    }
    Ok(())
}

fn deliver(body: &Value, space: &str, company: &Company) -> Result<Value, Named> {
    let wrong = |words: &str| (400, "param.openSpaceId", words.to_owned());
    let (kind, id) = space
        .strip_prefix("dtv1.card//")
        .and_then(|space| space.split_once('.'))
        .ok_or_else(|| wrong(space))?;
    let (model, reached) = match kind {
        "IM_GROUP" => {
            let groups = company.groups.lock();
            let chat = groups.get(id);
            let reached = chat.is_some_and(|chat| chat.has_robot && !chat.disbanded);
            ("imGroupOpenDeliverModel", reached)
        }
        "IM_ROBOT" => ("imRobotOpenDeliverModel", company.employs(id)),
        _ => return Err(wrong(space)),
    };
    if body[model]["robotCode"] != CLIENT_ID {
        return Err((400, "param.robotCode", format!("{model}.robotCode")));
    }
    if kind == "IM_ROBOT" && body[model]["spaceType"] != "IM_ROBOT" {
        return Err((400, "param.spaceType", model.to_owned()));
    }
    let why = if reached {
        ""
    } else {
        "the space is not there"
    };
    Ok(
        json!({"success": true, "result": {"outTrackId": body["outTrackId"], "deliverResults": [
            {"spaceType": kind, "spaceId": id, "success": reached, "carrierId": "c", "errorMsg": why},
        ]}}),
    )
}
