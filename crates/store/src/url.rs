//! Where a store is.

use std::fmt;
use std::path::PathBuf;

use balefire_core::secret::Secret;

use crate::error::OpenError;

/// The address of a store.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// SQLite in this data folder, for one process.
    Embedded(PathBuf),
    /// A PostgreSQL server: `postgres://user:password@host/database`.
    Postgres(Secret),
    /// A MySQL or MariaDB server: `mysql://user:password@host/database`.
    MySql(Secret),
}

impl StoreUrl {
    /// Reads `postgres://…`, `postgresql://…`, `mysql://…`, `mariadb://…`, `sqlite:FOLDER` or a folder.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let folder = text.strip_prefix("sqlite:").unwrap_or(text);
            return match folder.trim() {
                "" => Err(OpenError::Address(text.to_owned())),
                folder => Ok(Self::Embedded(folder.into())),
            };
        };
        match scheme {
            "postgres" | "postgresql" => Ok(Self::Postgres(Secret::new(text))),
            "mysql" => Ok(Self::MySql(Secret::new(text))),
            "mariadb" => Ok(Self::MySql(Secret::new(format!("mysql://{rest}")))),
            "sqlite" | "file" if !rest.is_empty() => Ok(Self::Embedded(rest.into())),
            // The rest may hold a password, so only the scheme is repeated.
            _ => Err(OpenError::Address(format!("{scheme}://…"))),
        }
    }
}

/// The folder, or the kind of server; never the credentials.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(folder) => write!(f, "{}", folder.display()),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
            Self::MySql(_) => f.write_str("MySQL"),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_folder_or_a_server() {
        let parsed = |text| format!("{:?}", StoreUrl::parse(text).expect("address"));
        assert_eq!(parsed("./balefire-data"), "./balefire-data");
        assert_eq!(parsed("sqlite:/var/lib/balefire"), "/var/lib/balefire");
        assert_eq!(parsed("postgres://u:hunter2@db/balefire"), "PostgreSQL");
        assert_eq!(
            StoreUrl::parse("mariadb://u@db/b").expect("address"),
            StoreUrl::MySql(Secret::new("mysql://u@db/b"))
        );
    }

    #[test]
    fn a_wrong_address_is_refused_without_showing_its_password() {
        let error = StoreUrl::parse("oracle://u:hunter2@db").expect_err("no such store");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(StoreUrl::parse(" ").is_err());
    }
}
