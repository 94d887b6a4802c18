//! The numbers behind `LIMIT` and `OFFSET`, written into the statement.
//!
//! SeaORM makes them parameters. SQLite plans by the number behind `LIMIT`, so a statement in which it is a parameter is
//! parsed and planned anew each time that it is bound, even to the same number ([`sqlite3_prepare_v3`], on parameters
//! that may influence the plan). That takes longer than to run a short query.
//!
//! [`sqlite3_prepare_v3`]: https://www.sqlite.org/c3ref/prepare.html

use std::{fmt::Write as _, mem};

use sea_orm::{Statement, Value, sea_query::Values};

/// Writes the numbers of rows among the values into what the statement says. They are its only unsigned ones: ids and
/// counts have a sign.
pub(super) fn write_out(statement: &mut Statement) {
    let Some(values) = &mut statement.values else {
        return;
    };
    let is_bound = |value: &Value| matches!(value, Value::BigUnsigned(Some(_)));
    if !values.0.iter().any(is_bound) {
        return;
    }
    let mut sql = String::with_capacity(statement.sql.len() + 8);
    let mut kept = Vec::with_capacity(values.0.len());
    let mut values = mem::take(&mut values.0).into_iter();
    let mut quote = None;
    for char in statement.sql.chars() {
        match (quote, char) {
            (None, '?') => match values.next() {
                Some(Value::BigUnsigned(Some(number))) => {
                    // Writing to a string cannot fail.
                    let _ = write!(sql, "{number}");
                    continue;
                }
                other => kept.extend(other),
            },
            // A doubled quotation mark inside ends one text and begins the next.
            (None, '\'' | '"' | '`') => quote = Some(char),
            (Some(mark), _) if mark == char => quote = None,
            _ => {}
        }
        sql.push(char);
    }
    kept.extend(values);
    statement.sql = sql;
    statement.values = Some(Values(kept));
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn only_numbers_of_rows_are_written_out() {
        let mut statement = Statement::from_sql_and_values(
            DbBackend::Sqlite,
            r#"SELECT '?''?' AS "a?" FROM t WHERE id > ? AND n = ? LIMIT ? OFFSET ?"#,
            [1_i64.into(), "x".into(), 2_u64.into(), 3_u64.into()],
        );
        write_out(&mut statement);
        assert_eq!(
            statement.sql,
            r#"SELECT '?''?' AS "a?" FROM t WHERE id > ? AND n = ? LIMIT 2 OFFSET 3"#
        );
        let values = statement.values.expect("values").0;
        assert_eq!(values, [1_i64.into(), "x".into()]);
    }
}
