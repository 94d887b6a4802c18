//! Entity tags (RFC 9110, 8.8.3): which version of a board a client knows, or wants to change.

use std::borrow::Cow;

use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::{boards::Expected, events::cursor};

/// Entity tags of versions, as `If-Match` and `If-None-Match` list them (RFC 9110, 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    Any,
    /// `weak` tags never match where a strong comparison is asked for (RFC 9110, 8.8.3.2).
    Opaque {
        weak: bool,
        text: String,
    },
}

impl Tags {
    /// The versions that `If-Match` lets through. It compares strongly. A tag that is none of ours
    /// matches no version.
    pub fn expected(&self) -> Expected {
        if self.0.contains(&Tag::Any) {
            return Expected::Any;
        }
        let versions = self.0.iter().filter_map(|tag| match tag {
            Tag::Opaque { weak: false, text } => version(text),
            _ => None,
        });
        Expected::OneOf(versions.collect())
    }

    /// Whether `If-None-Match` knows this version already. It compares weakly.
    pub fn know(&self, version: i64) -> bool {
        self.0.iter().any(|tag| match tag {
            Tag::Any => true,
            Tag::Opaque { text, .. } => self::version(text) == Some(version),
        })
    }
}

#[cfg(fuzzing)]
impl std::fmt::Display for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, tag) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            match tag {
                Tag::Any => f.write_str("*")?,
                Tag::Opaque { weak, text } => {
                    write!(f, "{}\"{text}\"", if *weak { "W/" } else { "" })?;
                }
            }
        }
        Ok(())
    }
}

/// What [`Tags`] must be.
pub const RULE: &str = "must be `*` or entity tags such as \"3\", with their quotes";

impl Parameter for Tags {
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

/// The version whose tag this is. Tags are compared by their characters (RFC 9110, 8.8.3.2): `03` is not that of 3.
fn version(text: &str) -> Option<i64> {
    let version = cursor::parse(text).ok()?;
    (version.to_string() == text).then_some(version)
}

/// Tags separated by commas; there may be commas within their quotes, too.
fn parse_list(text: &str) -> Option<Vec<Tag>> {
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
fn parse_tag(text: &str) -> Option<(Tag, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Some((Tag::Any, rest));
    }
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (text, rest) = quoted.strip_prefix('"')?.split_once('"')?;
    let text = text.to_owned();
    Some((Tag::Opaque { weak, text }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_compares_strongly_and_if_none_match_weakly() {
        let tags = Tags::parse(" \"3\", W/\"4\",\"an, other\"").expect("three tags");
        assert_eq!(tags.expected(), Expected::OneOf(vec![3]));
        assert!(tags.know(3) && tags.know(4) && !tags.know(5));
        // Characters are compared, not numbers.
        let other = Tags::parse("\"03\"").expect("a tag");
        assert_eq!(other.expected(), Expected::OneOf(vec![]));
        assert!(!other.know(3));
        let any = Tags::parse("*").expect("any");
        assert_eq!(any.expected(), Expected::Any);
        assert!(any.know(5));
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
            assert!(Tags::parse(text).is_err(), "{text}");
        }
    }
}
