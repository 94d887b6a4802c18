//! Which events a client wants.

use entity::event::EventType;

/// Types and board that events must have; the default lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only events of these types; `None` for all, also those that other programs append.
    pub types: Option<Vec<EventType>>,
    /// Only events about this board.
    pub board_id: Option<i64>,
}

impl Filter {
    /// Whether nothing is filtered out.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event goes through.
    pub fn matches(&self, event_type: &str, board_id: i64) -> bool {
        self.board_id.is_none_or(|wanted| wanted == board_id)
            && self
                .types
                .as_ref()
                .is_none_or(|types| types.iter().any(|wanted| wanted.as_str() == event_type))
    }
}

/// Parses `newBoard,newPath`. The error names the known types.
pub fn parse_types(text: &str) -> Result<Vec<EventType>, String> {
    let mut types = Vec::new();
    for name in text.split(',') {
        let found = EventType::ALL
            .into_iter()
            .find(|known| known.as_str() == name);
        let Some(found) = found else {
            let known = EventType::ALL.map(EventType::as_str).join(", ");
            return Err(format!(
                "must be a list of event types separated by commas; `{name}` is none, the known types are {known}"
            ));
        };
        if !types.contains(&found) {
            types.push(found);
        }
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_parsed_and_counted_once() {
        assert_eq!(parse_types("newBoard"), Ok(vec![EventType::NewBoard]));
        assert_eq!(
            parse_types("newPath,newBoard,newPath"),
            Ok(vec![EventType::NewPath, EventType::NewBoard])
        );
    }

    #[test]
    fn an_unknown_type_is_named_with_the_known_ones() {
        for text in ["", "newboard", "newBoard,", "newBoard, newPath", "nope"] {
            let error = parse_types(text).expect_err(text);
            assert!(
                error.ends_with("newBoard, newPath, boardUpdated, boardDeleted, boardSolved"),
                "{error}"
            );
        }
    }

    #[test]
    fn both_conditions_must_hold() {
        let filter = Filter {
            types: Some(vec![EventType::NewPath]),
            board_id: Some(7),
        };
        assert!(filter.matches("newPath", 7));
        assert!(!filter.matches("newPath", 8));
        assert!(!filter.matches("newBoard", 7));
        assert!(Filter::default().matches("somethingElse", 1));
    }
}
