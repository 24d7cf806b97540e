//! What a template sees and makes: Go's types, as far as templates can tell them apart.

pub(crate) mod duration;
pub(crate) mod format;
pub mod function;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::budget::Budget;
use crate::value::function::Function;

/// A value. Cloning shares what is large.
#[derive(Clone, Default)]
pub enum Value {
    /// No value: what is not there, and `nil`.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`.
    Int(i64),
    /// A character constant, `int32`.
    Char(char),
    /// `float64`.
    Float(f64),
    /// `time.Duration`, in nanoseconds.
    Duration(i64),
    /// `string`.
    Text(Rc<str>),
    /// A text that somebody has declared to be safe.
    Safe(Safe, Rc<str>),
    /// A slice.
    List(Rc<List>),
    /// A map with texts as keys, read in their order.
    Map(Rc<Map>),
    /// A struct.
    Struct(Rc<Struct>),
    /// A value that only its methods know, such as a time.
    Opaque(Rc<Opaque>),
}

/// What a text was declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    /// `template.HTML`.
    Html,
    /// `template.URL`.
    Url,
}

/// A type of lists, maps, structs or opaque values.
#[derive(Debug)]
pub struct Type {
    /// Go's name of it, such as `template.KV`.
    pub name: &'static str,
    /// Its methods; the value itself is their first argument.
    pub methods: &'static [Function],
    /// Its `String` method, when it has one.
    pub text: Option<fn(&Value) -> String>,
    /// For a map: what a missing key gives.
    pub missing: Missing,
}

/// What a map gives for a key that is not there, with `missingkey=zero`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The empty text.
    Empty,
    /// No value.
    Nothing,
}

/// `[]interface {}`.
pub static ANY_LIST: Type = Type {
    name: "[]interface {}",
    methods: &[],
    text: None,
    missing: Missing::Nothing,
};

/// `[]string`.
pub static TEXTS: Type = Type {
    name: "[]string",
    ..ANY_LIST_BASE
};

/// `map[string]interface {}`.
pub static ANY_MAP: Type = Type {
    name: "map[string]interface {}",
    ..ANY_LIST_BASE
};

const ANY_LIST_BASE: Type = Type {
    name: "",
    methods: &[],
    text: None,
    missing: Missing::Nothing,
};

/// A slice of a type.
pub struct List {
    /// Its type.
    pub of: &'static Type,
    /// Its items.
    pub items: Vec<Value>,
}

/// A map of a type.
pub struct Map {
    /// Its type.
    pub of: &'static Type,
    /// Its entries.
    pub entries: BTreeMap<Rc<str>, Value>,
}

/// A struct of a type.
pub struct Struct {
    /// Its type.
    pub of: &'static Type,
    /// Its fields in their order.
    pub fields: Vec<(&'static str, Value)>,
}

/// Something of the host's.
pub struct Opaque {
    /// Its type.
    pub of: &'static Type,
    /// What its methods work on.
    pub inner: Box<dyn Any>,
}

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Rc::from(text.as_ref()))
    }

    /// A list of a type.
    pub fn list(of: &'static Type, items: Vec<Self>) -> Self {
        Self::List(Rc::new(List { of, items }))
    }

    /// A map of a type.
    pub fn map(of: &'static Type, entries: BTreeMap<Rc<str>, Self>) -> Self {
        Self::Map(Rc::new(Map { of, entries }))
    }

    /// A struct of a type.
    pub fn of_fields(of: &'static Type, fields: Vec<(&'static str, Self)>) -> Self {
        Self::Struct(Rc::new(Struct { of, fields }))
    }

    /// A value of the host's.
    pub fn opaque(of: &'static Type, inner: impl Any) -> Self {
        let inner = Box::new(inner);
        Self::Opaque(Rc::new(Opaque { of, inner }))
    }

    /// The host's own value in an opaque one.
    pub fn inner<T: Any>(&self) -> Option<&T> {
        match self {
            Self::Opaque(opaque) => opaque.inner.downcast_ref(),
            _ => None,
        }
    }

    /// The text of a text, whether declared safe or not.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Safe(_, text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, whatever it is called.
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) | Self::Duration(int) => Some(*int),
            Self::Char(c) => Some(*c as i64),
            _ => None,
        }
    }

    /// The type of a list, map, struct or opaque value.
    pub fn of(&self) -> Option<&'static Type> {
        match self {
            Self::List(list) => Some(list.of),
            Self::Map(map) => Some(map.of),
            Self::Struct(fields) => Some(fields.of),
            Self::Opaque(opaque) => Some(opaque.of),
            _ => None,
        }
    }

    /// Go's name of the value's type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Char(_) => "int32",
            Self::Float(_) => "float64",
            Self::Duration(_) => "time.Duration",
            Self::Text(_) => "string",
            Self::Safe(Safe::Html, _) => "template.HTML",
            Self::Safe(Safe::Url, _) => "template.URL",
            _ => self.of().map_or("", |of| of.name),
        }
    }

    /// Whether it counts as true in `if`, `with`, `and`, `or`, `not`.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(int) | Self::Duration(int) => *int != 0,
            Self::Char(c) => *c != '\0',
            Self::Float(float) => *float != 0.0,
            Self::Text(text) | Self::Safe(_, text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries.is_empty(),
            Self::Struct(_) | Self::Opaque(_) => true,
        }
    }

    /// Items of a list, entries of a map, bytes of a text.
    pub fn size(&self) -> Option<usize> {
        match self {
            Self::Text(text) | Self::Safe(_, text) => Some(text.len()),
            Self::List(list) => Some(list.items.len()),
            Self::Map(map) => Some(map.entries.len()),
            _ => None,
        }
    }

    /// The value as Go's `fmt.Sprint` prints it.
    pub fn printed(&self, budget: &Budget) -> Result<String, crate::budget::Spent> {
        format::printed(self, budget)
    }
}

/// For logs and tests, without looking into what is the host's.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Safe(_, text) => write!(f, "{text:?}"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(int) => int.fmt(f),
            Self::Float(float) => float.fmt(f),
            other => f.write_str(other.type_name()),
        }
    }
}
