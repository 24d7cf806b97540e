//! Every fixture through its parser, and what must hold for all parsers together.

mod fixtures;
mod hostile;
mod keys;
mod manners;
mod notices;
mod request;
mod values;
mod variants;
mod ways;
