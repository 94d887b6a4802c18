//! Entity tags (RFC 9110, 8.8.3): which version of a board a client knows, or wants to change.
//!
//! A tag holds everything in which two answers about a board can differ. `"3.17"` is version 3, solved by 17 users, as
//! a guest sees it. `"3.17.1"` is the same for a user who has solved it, and `"3.17.0"` for one who has not.
//! `If-None-Match` compares all of it. `If-Match` asks whether the board has changed, which the version alone tells:
//! `"3"` will do.
//!
//! A proxy that compresses an answer must not leave a strong tag on it, because the bytes have changed.
//! nginx, `HAProxy` and Envoy make it weak, `W/"3"`; Apache, Caddy and Jetty append the coding, as in
//! `"3-gzip"`. Clients send that form back. Our tags name what an answer says and not its bytes, so such a form
//! still names the same answer, and is accepted as our tag, also in `If-Match`.

use std::borrow::Cow;

use dotcast_log::cursor;
use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::boards::Expected;

/// Entity tags of versions, as `If-Match` and `If-None-Match` list them (RFC 9110, 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETags(Vec<ETag>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ETag {
    Any,
    /// The text between the quotes. Weak and strong tags are treated alike.
    Opaque(String),
}

impl ETags {
    /// The versions that `If-Match` lets through. A foreign tag matches no version.
    pub fn expected(&self) -> Expected {
        if self.0.contains(&ETag::Any) {
            return Expected::Any;
        }
        Expected::OneOf(self.0.iter().filter_map(ETag::version).collect())
    }

    /// Whether `If-None-Match` lists this tag, which has its quotes.
    pub fn know(&self, tag: &str) -> bool {
        let wanted = Some(tag.trim_matches('"'));
        let mut tags = self.0.iter();
        tags.any(|tag| *tag == ETag::Any || tag.plain() == wanted)
    }
}

/// The tag of a board at this version, solved by `solved_count` users. `solved` tells whether the viewer has; `None`
/// for a guest.
pub fn of(version: i64, solved_count: i64, solved: Option<bool>) -> String {
    match solved {
        None => format!("\"{version}.{solved_count}\""),
        Some(solved) => format!("\"{version}.{solved_count}.{}\"", u8::from(solved)),
    }
}

/// The content codings that proxies name in tags.
const CODINGS: [&str; 4] = ["gzip", "br", "zstd", "deflate"];

impl ETag {
    /// The tag without what proxies have added, if it may be ours.
    fn plain(&self) -> Option<&str> {
        let Self::Opaque(text) = self else {
            return None;
        };
        let end = text.find(|it: char| !it.is_ascii_digit() && it != '.');
        let (plain, rest) = text.split_at(end.unwrap_or(text.len()));
        let coding = ["--", "-", ";"].iter().find_map(|it| rest.strip_prefix(it));
        let is_ours = rest.is_empty() || coding.is_some_and(|it| CODINGS.contains(&it));
        is_ours.then_some(plain)
    }

    /// The version that a tag of ours names.
    fn version(&self) -> Option<i64> {
        let mut numbers = self.plain()?.split('.').map(|text| {
            let number = cursor::parse(text).ok();
            number.filter(|it| it.to_string() == text)
        });
        let version = numbers.next()??;
        let is_ours = numbers.clone().count() <= 2 && numbers.all(|it| it.is_some());
        is_ours.then_some(version)
    }
}

#[cfg(fuzzing)]
impl std::fmt::Display for ETags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, tag) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            match tag {
                ETag::Any => f.write_str("*")?,
                ETag::Opaque(text) => write!(f, "\"{text}\"")?,
            }
        }
        Ok(())
    }
}

/// What [`ETags`] must be.
pub const RULE: &str = "must be `*` or entity tags such as \"3\", with their quotes";

impl Parameter for ETags {
    fn schema() -> MetaSchema {
        MetaSchema {
            // Between the quotes: what is ASCII and may be in a header.
            pattern: Some(r#"^(\*|(W/)?"[ !#-~]*")( *, *(\*|(W/)?"[ !#-~]*"))*$"#.to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        parse_list(text.trim())
            .map(Self)
            .ok_or_else(|| RULE.to_owned())
    }

    fn join(values: &[String]) -> Result<Cow<'_, str>, String> {
        Ok(Cow::Owned(values.join(",")))
    }
}

/// Tags separated by commas; there may be commas within their quotes, too.
fn parse_list(text: &str) -> Option<Vec<ETag>> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        let (tag, after) = parse_tag(rest)?;
        tags.push(tag);
        let after = after.trim_start();
        if after.is_empty() {
            return Some(tags);
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

/// The tag that the text begins with, and what follows it.
fn parse_tag(text: &str) -> Option<(ETag, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Some((ETag::Any, rest));
    }
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let (text, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    Some((ETag::Opaque(text.to_owned()), rest))
}

#[cfg(test)]
mod tests {
    use headers::{Header as _, IfMatch, IfNoneMatch};
    use poem::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_conditions_compare_versions() {
        let tags = ETags::parse(" \"3\", W/\"4\",\"an, other\"").expect("three tags");
        assert_eq!(tags.expected(), Expected::OneOf(vec![3, 4]));
        assert!(tags.know("\"3\"") && tags.know("\"4\"") && !tags.know("\"5\""));
        let any = ETags::parse("*").expect("any");
        assert_eq!(any.expected(), Expected::Any);
        assert!(any.know("\"5\""));
    }

    #[test]
    fn a_change_is_about_a_version_and_an_answer_about_all_that_it_tells() {
        let all = [
            of(3, 17, None),
            of(3, 17, Some(false)),
            of(3, 17, Some(true)),
            of(3, 18, None),
            of(31, 7, None),
        ];
        for (tag, version) in all.iter().zip([3, 3, 3, 3, 31]) {
            let tags = ETags::parse(tag).expect("a tag");
            assert_eq!(tags.expected(), Expected::OneOf(vec![version]), "{tag}");
            let known: Vec<_> = all.iter().filter(|it| tags.know(it)).collect();
            assert_eq!(known, [tag]);
        }
        let version = ETags::parse("\"3\"").expect("a tag");
        assert!(!all.iter().any(|it| version.know(it)));
    }

    #[test]
    fn what_proxies_make_of_our_tags_names_the_same_version() {
        let forms = [
            "\"12\"",
            "W/\"12\"",
            "\"12-gzip\"",
            "\"12--gzip\"",
            "\"12;gzip\"",
            "\"12-br\"",
            "W/\"12-zstd\"",
            "\"12-deflate\"",
        ];
        for form in forms {
            let tags = ETags::parse(form).expect("a tag");
            assert_eq!(tags.expected(), Expected::OneOf(vec![12]), "{form}");
            assert!(tags.know("\"12\"") && !tags.know("\"1\""), "{form}");
            let long = form.replace("12", "12.3.0");
            let tags = ETags::parse(&long).expect("a tag");
            assert_eq!(tags.expected(), Expected::OneOf(vec![12]), "{long}");
            assert!(tags.know("\"12.3.0\"") && !tags.know("\"12\""), "{long}");
        }
        for other in [
            "012",
            "12-",
            "12-gzip-gzip",
            "12gzip",
            "12-x",
            "-gzip",
            "",
            "+12",
            "12 ",
            "12.",
            ".12",
            "12..1",
            "12.01",
            "12.1.1.1",
            "12.x",
        ] {
            let tags = ETags::parse(&format!("\"{other}\"")).expect("a tag");
            assert_eq!(tags.expected(), Expected::OneOf(vec![]), "{other}");
            assert!(!tags.know("\"12\""), "{other}");
        }
    }

    #[test]
    fn tags_have_quotes() {
        for text in [
            "",
            "3",
            "\"3",
            "3\"",
            "\"",
            "w/\"3\"",
            "\"3\",",
            "\"3\" \"4\"",
        ] {
            assert!(ETags::parse(text).is_err(), "{text}");
        }
    }

    fn lists() -> impl Strategy<Value = String> {
        let text = prop_oneof![
            "[0-9]{1,2}",
            "[0-9]{1,2}(-|--|;)(gzip|br)",
            // etagc of RFC 9110, 8.8.3, as far as it is ASCII, and none of the separators, nor what is in ours.
            "[!#-,/-:<-~]{0,8}",
        ];
        let tag = ("(W/)?", text).prop_map(|(weak, text)| format!("{weak}\"{text}\""));
        let list = prop::collection::vec((tag, "[ \t]{0,2}", "[ \t]{0,2}"), 1..6);
        list.prop_map(|tags| {
            let tags = tags.into_iter();
            let tags: Vec<_> = tags.map(|(tag, a, b)| format!("{a}{tag}{b}")).collect();
            tags.join(",")
        })
    }

    proptest! {
        /// A list that is well formed is read as the crate `headers` reads it, once what proxies have added
        /// is taken away.
        #[test]
        fn lists_are_read_as_others_read_them(list in lists(), version in 0_i64..100) {
            let ours = ETags::parse(&list).expect("a list");
            let mut plain = list.replace("W/\"", "\"");
            for separator in ["--", "-", ";"] {
                for coding in ["gzip", "br"] {
                    plain = plain.replace(&format!("{separator}{coding}\""), "\"");
                }
            }
            let value = HeaderValue::from_str(&plain).expect("a header");
            let text = format!("\"{version}\"");
            let tag = text.parse().expect("a tag");
            let others = IfNoneMatch::decode(&mut [&value].into_iter()).expect("a header");
            prop_assert_eq!(ours.know(&text), !others.precondition_passes(&tag));
            let others = IfMatch::decode(&mut [&value].into_iter()).expect("a header");
            let lets_through = match ours.expected() {
                Expected::Any => true,
                Expected::OneOf(versions) => versions.contains(&version),
            };
            prop_assert_eq!(lets_through, others.precondition_passes(&tag));
        }
    }
}
