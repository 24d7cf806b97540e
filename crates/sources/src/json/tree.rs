//! Reading into `serde_json::Value`, for formats that are looked at from several sides.

use serde_json::{Map, Number, Value};

use super::{JsonError, Kind, MAX_VALUES, Reader};

impl Reader<'_> {
    /// Reads a value of any kind as a tree.
    pub fn value(&mut self) -> Result<Value, JsonError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.refusal(format!("more than {MAX_VALUES} values")));
        }
        Ok(match self.peek()? {
            Kind::Object => {
                let mut map = Map::new();
                self.object(|reader, key| {
                    let value = reader.value()?;
                    map.insert(key.clone().into_owned(), value);
                    Ok(())
                })?;
                Value::Object(map)
            }
            Kind::Array => {
                let mut items = Vec::new();
                self.array(|reader, _| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Value::Array(items)
            }
            Kind::String => Value::String(self.string()?.into_owned()),
            Kind::Number => self.number().map(number)?,
            Kind::Bool => Value::Bool(self.bool()?),
            Kind::Null => {
                self.null()?;
                Value::Null
            }
        })
    }
}

/// Whole numbers exactly where 64 bits hold them, everything else as the nearest double.
fn number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<u64>() {
        return Value::Number(whole.into());
    }
    // "-0" is a double: an integer has no negative zero.
    if let Some(whole) = text.parse::<i64>().ok().filter(|whole| *whole != 0) {
        return Value::Number(whole.into());
    }
    text.parse()
        .ok()
        .and_then(Number::from_f64)
        .map_or(Value::Null, Value::Number)
}
