//! JSON text as databases give it, on one line.

use std::fmt;

/// A JSON text, displayed without the white space between its tokens: a database may keep any, or add its own, and a
/// frame's field ends at a line end. What is inside of strings stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compact<'a>(pub(crate) &'a str);

impl fmt::Display for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let mut is_string = false;
        let mut is_escaped = false;
        let mut start = 0;
        for (at, byte) in text.bytes().enumerate() {
            let instead = match byte {
                _ if is_escaped => {
                    is_escaped = false;
                    continue;
                }
                b'"' => {
                    is_string = !is_string;
                    continue;
                }
                b'\\' => {
                    is_escaped = is_string;
                    continue;
                }
                b' ' | b'\t' | b'\n' | b'\r' if !is_string => "",
                // No valid JSON has them there. Whatever the database let in, a frame stays one.
                b'\n' => "\\n",
                b'\r' => "\\r",
                _ => continue,
            };
            f.write_str(&text[start..at])?;
            f.write_str(instead)?;
            start = at + 1;
        }
        f.write_str(&text[start..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_white_space_between_tokens_goes() {
        for (text, expected) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            ("{\n \"a\" :\t1 ,\r\n\"b\": [ ] }", r#"{"a":1,"b":[]}"#),
            (
                r#"{"a b": " c  \" d \\", "e": "\\" }"#,
                r#"{"a b":" c  \" d \\","e":"\\"}"#,
            ),
            (r#"{"ż ó": "ł "}"#, r#"{"ż ó":"ł "}"#),
            ("", ""),
        ] {
            assert_eq!(Compact(text).to_string(), expected);
        }
    }

    #[test]
    fn nothing_breaks_the_line() {
        assert_eq!(Compact("{\"a\r\nb\"}\n").to_string(), r#"{"a\r\nb"}"#);
        assert!(!Compact("\"\\\n").to_string().contains("\n\n"));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|it| json!(it)),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_written_pretty_comes_out_as_serde_writes_it(value in value()) {
            let pretty = serde_json::to_string_pretty(&value).expect("JSON");
            prop_assert_eq!(Compact(&pretty).to_string(), value.to_string());
        }
    }
}
