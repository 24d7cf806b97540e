//! Interactive cards: the address that presses go to, cards created and delivered, and cards that are changed
//! (interactive-card-update-interface).

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{CLIENT_ID, Company, Named, text};

/// Bytes of a variable's name and of its value.
const MAX_NAME: usize = 100;
/// See [`MAX_NAME`].
const MAX_VALUE: usize = 1_024;

/// The path under which a card is changed.
pub(super) const INSTANCES: &str = "/v1.0/card/instances";
/// What a change may hold, and what its options.
const CHANGE: [&str; 5] = [
    "outTrackId",
    "cardData",
    "privateData",
    "cardUpdateOptions",
    "userIdType",
];
const OPTIONS: [&str; 2] = ["updateCardDataByKey", "updatePrivateDataByKey"];

/// The variables of a card.
type Variables = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub(super) struct Cards {
    /// Address and secret of each route.
    routes: BTreeMap<String, (String, String)>,
    /// The cards that there are, as everybody sees them.
    made: BTreeMap<String, Variables>,
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

    pub(super) fn shown(&self, id: &str) -> Option<Variables> {
        self.made.get(id).cloned()
    }

    pub(super) fn take_back(&mut self) {
        self.made.clear();
    }

    /// Takes over what a press was answered with.
    pub(super) fn answered(&mut self, id: &str, answer: &Value) {
        let given = variables(&answer["cardData"]["cardParamMap"]);
        if let (Some(card), Ok(given)) = (self.made.get_mut(id), given) {
            change(card, given, &answer["cardUpdateOptions"]);
        }
    }

    fn update(&mut self, body: &Value, company: &Company) -> Result<Value, Named> {
        has_only(body, &CHANGE)?;
        has_only(&body["cardUpdateOptions"], &OPTIONS)?;
        let id = text(body, "outTrackId")
            .map_err(|(status, _, words)| (status, "param.outTrackIdEmpty", words))?;
        let (everybody, single) = (&body["cardData"], &body["privateData"]);
        if everybody.is_null() && single.is_null() {
            let name = "param.cardDataAndPrivateDataBothEmpty";
            return Err((400, name, "cardData".to_owned()));
        }
        for (user, data) in single.as_object().into_iter().flatten() {
            if !company.employs(user) {
                return Err((400, "param.userIdNotExist", user.to_owned()));
            }
            has_only(data, &["cardParamMap"])?;
            variables(&data["cardParamMap"])?;
        }
        let given = if everybody.is_null() {
            None
        } else {
            has_only(everybody, &["cardParamMap"])?;
            Some(variables(&everybody["cardParamMap"])?)
        };
        let card = self.made.get_mut(id);
        let card = card.ok_or_else(|| (400, "param.cardNotExist", id.to_owned()))?;
        if let Some(given) = given {
            change(card, given, &body["cardUpdateOptions"]);
        }
        Ok(json!({"success": true, "result": true}))
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
        if what == "instances" {
            return self.update(body, company);
        }
        let id = text(body, "outTrackId")?.to_owned();
        text(body, "cardTemplateId")?;
        let shown = variables(&body["cardData"]["cardParamMap"])?;
        if body["callbackType"] == "HTTP" {
            let key = text(body, "callbackRouteKey")?;
            if !self.routes.contains_key(key) {
                return Err((400, "param.routeKeyNotExist", key.to_owned()));
            }
        }
        if self.made.contains_key(&id) {
            return Err((400, "param.cardAlreadyExist", id));
        }
        let space = text(body, "openSpaceId")?;
        let answer = deliver(body, space, company)?;
        self.made.insert(id, shown);
        Ok(answer)
    }
}

/// An object, or nothing, with no other members than these.
fn has_only(body: &Value, known: &[&str]) -> Result<(), Named> {
    let members = body.as_object().into_iter().flatten();
    let mut members = members.map(|(name, _)| name);
    let odd = members.find(|name| !known.contains(&name.as_str()));
    odd.map_or(Ok(()), |name| Err((400, "param.invalid", name.to_owned())))
}

/// All variables are replaced, unless the options say that only those that are named are.
fn change(card: &mut Variables, given: Variables, options: &Value) {
    if options["updateCardDataByKey"] != true {
        card.clear();
    }
    card.extend(given);
}

fn variables(map: &Value) -> Result<Variables, Named> {
    let wrong = |words: String| (400, "param.cardParamMap", words);
    let map = map.as_object();
    let map = map.ok_or_else(|| wrong("cardParamMap is missing".into()))?;
    let mut variables = Variables::new();
    for (name, value) in map {
        let value = value.as_str();
        let value = value.ok_or_else(|| wrong(format!("{name} is no text")))?;
        if name.len() > MAX_NAME || value.len() > MAX_VALUE {
            return Err(wrong(format!("{name} is too long")));
        }
        variables.insert(name.to_owned(), value.to_owned());
    }
    Ok(variables)
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
