//! Passwords of users: in clear text, as hashes, and what is neither.

use super::*;

#[test]
fn passwords_that_let_nobody_in_or_anybody() {
    insta::assert_snapshot!(bad(r#"
route: {receiver: a}
receivers: [{name: a}]
access:
  users:
    good: {password: correct-horse}
    hashed: {password: $2y$10$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay}
    empty: {password: ""}
    short: {password: canary1}
    other: {password: "$6$salt1234$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2"}
    broken: {password: $argon2id$v=19$m=256}
    costly: {password: $2b$20$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay}
"#), @r#"
balefire.yml:8:23: access.users.empty.password: the password is shorter than 8 characters; make a hash with: balefire hash-password
balefire.yml:9:23: access.users.short.password: the password is shorter than 8 characters; make a hash with: balefire hash-password
balefire.yml:10:23: access.users.other.password: this looks like a hash of a kind that is not understood; make a hash with: balefire hash-password
balefire.yml:11:24: access.users.broken.password: this begins like a hash of argon2 and is none: it ends before the hash itself; make a hash with: balefire hash-password
balefire.yml:12:24: access.users.costly.password: a check of this hash would take too much: at most cost 15 is taken; make a hash with: balefire hash-password
"#);
}
