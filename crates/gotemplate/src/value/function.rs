//! Functions and methods, Go's own and the host's.

use std::any::Any;

use crate::budget::{Budget, Spent};
use crate::value::Value;

/// A function, or a method whose first argument is the value itself.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments; for a method those after the value itself.
    pub takes: &'static [Takes],
    /// The type of any further ones.
    pub rest: Option<Takes>,
    /// What it does.
    pub call: fn(&Call<'_>, &[Value]) -> Result<Value, Failure>,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Anything, `nil` too.
    Any,
    /// `string`.
    Text,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float64`.
    Float,
    /// `[]string`, or a type made of it.
    Texts,
    /// `[]interface {}`.
    List,
    /// A type of the host's, by name.
    Named(&'static str),
}

impl Takes {
    /// Go's name of the type.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Any => "reflect.Value",
            Self::Text => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float64",
            Self::Texts => "[]string",
            Self::List => "[]interface {}",
            Self::Named(name) => name,
        }
    }

    /// Whether a value is of the type.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Text => matches!(value, Value::Text(_)),
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Int => matches!(value, Value::Int(_)),
            Self::Float => matches!(value, Value::Float(_)),
            Self::Texts => matches!(value.type_name(), "[]string" | "template.Strings"),
            Self::List => value.type_name() == "[]interface {}",
            Self::Named(name) => value.type_name() == name,
        }
    }
}

/// What a function may use while it runs.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// What is left to the rendering.
    pub budget: &'a Budget,
    /// What the host gave to [`crate::exec::run`].
    pub host: &'a dyn Any,
}

/// Why a function gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It says so itself.
    #[error("{0}")]
    Said(String),
    /// It took too much.
    #[error(transparent)]
    Spent(#[from] Spent),
}

impl From<String> for Failure {
    fn from(said: String) -> Self {
        Self::Said(said)
    }
}

impl Call<'_> {
    /// `fmt.Sprintf`.
    pub fn printf(&self, format: &str, values: &[Value]) -> Result<String, Failure> {
        Ok(crate::value::format::sprintf(format, values, self.budget)?)
    }

    /// A text the function made.
    pub fn text(&self, text: impl AsRef<str>) -> Result<Value, Failure> {
        self.budget.make(text.as_ref().len())?;
        Ok(Value::text(text))
    }
}
