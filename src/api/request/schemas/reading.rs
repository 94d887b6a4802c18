//! Reads JSON along a [`Shape`] in one pass.
//!
//! Time is bounded by the bytes that were sent, and memory by the schema. Items past an array's greatest length,
//! unknown fields and values of a wrong type are skipped where they stand, without making a tree of them. After
//! [`Violations::MAX`] violations everything else is skipped.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{
    Unfit,
    shape::{Bounds, Field, Kind, Shape},
};
use crate::error::Violations;

/// Upper bound on what is repeated of an unknown field's name, in characters.
const MAX_NAME: usize = 64;

/// The value in `bytes`, if it has the shape.
pub(super) fn read(shape: &Shape, bytes: &[u8]) -> Result<Value, Unfit> {
    // The parser does not validate the text that it skips.
    let text = str::from_utf8(bytes).map_err(|error| Unfit::Syntax(error.to_string()))?;
    let mut found = Found::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let seed = Reading {
        shape,
        found: &mut found,
    };
    let value = seed.deserialize(&mut json);
    value
        .and_then(|value| json.end().map(|()| value))
        .map_err(|error| Unfit::Syntax(error.to_string()))
        .and_then(|value| match found.broken.into_vec() {
            broken if broken.is_empty() => Ok(value),
            broken => Err(Unfit::Shape(broken)),
        })
}

/// What was found so far, in words that do not repeat what was sent: it may be a password.
#[derive(Default)]
struct Found {
    /// Where the reader is: `dots[3].color`.
    at: String,
    broken: Violations,
}

impl Found {
    /// The value at which the reader is breaks a rule.
    fn add(&mut self, message: impl fmt::Display) {
        self.broken.add(&self.at, message);
    }

    /// A member of that value does.
    fn add_member(&mut self, name: &str, message: &str) {
        let within = self.enter_member(name);
        self.add(message);
        self.at.truncate(within);
    }

    /// Goes on to a member; returns where to cut the path to get back.
    fn enter_member(&mut self, name: &str) -> usize {
        let within = self.at.len();
        if within > 0 {
            self.at.push('.');
        }
        self.at.push_str(name);
        within
    }

    fn enter_item(&mut self, index: u64) -> usize {
        use fmt::Write as _;
        let within = self.at.len();
        let _ = write!(self.at, "[{index}]");
        within
    }
}

/// Reads one value. It is [`Value::Null`] where it breaks its shape: it will not be used.
struct Reading<'a> {
    shape: &'a Shape,
    found: &'a mut Found,
}

impl Reading<'_> {
    fn refuse_type(self) -> Value {
        let wanted = self.shape.type_name();
        self.found.add(format_args!("must be of the type {wanted}"));
        Value::Null
    }

    /// An integer, or `None` for one that is larger than any of ours.
    fn integer(self, number: Option<i64>) -> Value {
        let Kind::Integer(bounds) = &self.shape.kind else {
            return self.refuse_type();
        };
        let mut broken = *bounds;
        match number {
            Some(number) if bounds.hold(number) => return Value::from(number),
            Some(_) => {}
            // What `int64` says by itself.
            None => broken.max = broken.max.or(Some(i64::MAX)),
        }
        self.found.add(range(broken, ""));
        Value::Null
    }

    fn text(self, text: &str) -> Value {
        let Kind::Text { bounds, pattern } = &self.shape.kind else {
            return self.refuse_type();
        };
        if !bounds.hold(text.chars().count() as u64) {
            self.found.add(range(*bounds, " characters long"));
        } else if let Some(pattern) = pattern.as_ref().filter(|it| !it.is_match(text)) {
            self.found
                .add(format_args!("must match the pattern {pattern}"));
        }
        Value::from(text)
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        if self.found.broken.is_full() {
            json.deserialize_ignored_any(IgnoredAny)?;
            return Ok(Value::Null);
        }
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        if self.shape.nullable {
            return Ok(Value::Null);
        }
        Ok(self.refuse_type())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        match self.shape.kind {
            Kind::Boolean => Ok(Value::from(value)),
            _ => Ok(self.refuse_type()),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(self.integer(Some(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(self.integer(i64::try_from(number).ok()))
    }

    /// A number with a fraction is no integer, whatever the fraction is.
    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(self.refuse_type())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Kind::Array {
            items: shape,
            bounds,
        } = &self.shape.kind
        else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(self.refuse_type());
        };
        let mut list = Vec::new();
        let mut count = 0;
        while bounds.max.is_none_or(|max| count < max) {
            let within = self.found.enter_item(count);
            let found = &mut *self.found;
            let item = items.next_element_seed(Reading { shape, found })?;
            self.found.at.truncate(within);
            let Some(item) = item else { break };
            list.push(item);
            count += 1;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        if !bounds.hold(count) {
            self.found.add(range(*bounds, " items long"));
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Kind::Object(fields) = &self.shape.kind else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(self.refuse_type());
        };
        let mut object = Map::new();
        // How often each was given: RFC 8259, 4, leaves open what two of one name mean.
        let mut given = vec![0_u8; fields.len()];
        while let Some(name) = members.next_key::<String>()? {
            let field = fields.iter().zip(&mut given);
            let Some((field, given)) = field.into_iter().find(|(it, _)| it.name == name) else {
                self.found
                    .add_member(&shortened(&name), "is not a known field");
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            *given = given.saturating_add(1);
            if *given > 1 {
                if *given == 2 {
                    self.found.add_member(&name, "is given more than once");
                }
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let Field { shape, .. } = field;
            let within = self.found.enter_member(&name);
            let found = &mut *self.found;
            let value = members.next_value_seed(Reading { shape, found })?;
            self.found.at.truncate(within);
            object.insert(name, value);
        }
        for (field, given) in fields.iter().zip(given) {
            if field.required && given == 0 {
                self.found.add_member(&field.name, "is missing");
            }
        }
        Ok(Value::Object(object))
    }
}

/// `must be from 2 to 50`, or with a unit `must be 8 to 256 characters long`.
fn range<T: fmt::Display>(bounds: Bounds<T>, unit: &str) -> String {
    let from = if unit.is_empty() { "from " } else { "" };
    match (bounds.min, bounds.max) {
        (Some(min), Some(max)) => format!("must be {from}{min} to {max}{unit}"),
        (Some(min), None) => format!("must be at least {min}{unit}"),
        (None, Some(max)) => format!("must be at most {max}{unit}"),
        // Then nothing is out of range.
        (None, None) => String::new(),
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
