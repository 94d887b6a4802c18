use proptest::{prelude::*, sample::subsequence};
use sea_orm::prelude::DateTimeUtc;

use super::*;
use entity::{board::Dot, path::Cell};

fn board(rows: i32, cols: i32, dots: &[(i32, i32)]) -> board::Model {
    let dots = dots.iter().enumerate().map(|(index, &(row, col))| Dot {
        row,
        col,
        color: format!("#{:06x}", index / 2),
    });
    board::Model {
        id: 1,
        creator_id: 1,
        updated_by_id: 1,
        name: "a board".to_owned(),
        rows,
        cols,
        dots: board::Dots(dots.collect()),
        version: 1,
        created_at: DateTimeUtc::UNIX_EPOCH,
        updated_at: DateTimeUtc::UNIX_EPOCH,
    }
}

fn cells(cells: &[(i32, i32)]) -> Vec<Cell> {
    cells.iter().map(|&(row, col)| Cell { row, col }).collect()
}

fn lines<'a>(board: &'a board::Model, paths: &[Vec<Cell>]) -> Lines<'a> {
    let mut lines = Lines::on(board);
    for path in paths {
        lines.add(path);
    }
    lines
}

fn judge(board: &board::Model, paths: &[Vec<Cell>]) -> Verdict {
    lines(board, paths).judge()
}

/// Red from the left to the right in the first row, green in the last row; three rows and columns.
fn two_pairs() -> board::Model {
    board(3, 3, &[(0, 0), (0, 2), (2, 0), (2, 2)])
}

#[test]
fn a_path_for_each_pair_solves_a_board_unless_they_cross() {
    let red = cells(&[(0, 0), (0, 1), (0, 2)]);
    let green = cells(&[(2, 2), (2, 1), (2, 0)]);
    let red_around = cells(&[(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)]);
    let green_around = cells(&[(2, 0), (1, 0), (1, 1), (1, 2), (2, 2)]);
    let nothing = cells(&[(1, 0), (1, 1)]);
    let too_far = cells(&[(0, 2), (0, 1), (0, 0), (1, 0)]);
    let board = two_pairs();
    for (paths, expected) in [
        (vec![], Verdict::Unsolved),
        (vec![&red], Verdict::Unsolved),
        (vec![&red, &red_around, &nothing], Verdict::Unsolved),
        (vec![&too_far, &green], Verdict::Unsolved),
        (vec![&red, &green], Verdict::Solved),
        (vec![&green, &red], Verdict::Solved),
        (vec![&red, &green, &nothing, &too_far], Verdict::Solved),
        (vec![&red_around, &green], Verdict::Solved),
        (vec![&red_around, &green_around], Verdict::Unsolved),
        (vec![&red_around, &green_around, &red], Verdict::Solved),
        (vec![&red, &red, &red], Verdict::Unsolved),
    ] {
        let paths: Vec<_> = paths.into_iter().cloned().collect();
        assert_eq!(judge(&board, &paths), expected, "{paths:?}");
    }
}

#[test]
fn a_board_without_dots_is_never_solved() {
    let board = board(3, 3, &[]);
    assert_eq!(judge(&board, &[]), Verdict::Unsolved);
    let path = cells(&[(0, 0), (0, 1)]);
    assert_eq!(judge(&board, &[path]), Verdict::Unsolved);
}

#[test]
fn a_path_that_leaves_a_grid_that_has_become_smaller_does_not_count() {
    let outside = cells(&[(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2)]);
    let dots = [(0, 0), (0, 2)];
    let paths = [outside];
    assert_eq!(judge(&board(3, 3, &dots), &paths), Verdict::Solved);
    assert_eq!(judge(&board(2, 3, &dots), &paths), Verdict::Unsolved);
}

/// As many colours as there can be, each with one path: nothing has to be tried.
#[test]
fn the_fullest_board_is_judged_without_trying() {
    let dots: Vec<_> = (0..50)
        .flat_map(|row| (0..50).map(move |col| (row, col)))
        .collect();
    let board = board(50, 50, &dots);
    let mut lines = Lines::on(&board);
    for pair in dots.chunks(2) {
        lines.add(&cells(pair));
    }
    assert_eq!(lines.colors(), 1250);
    assert_eq!(lines.judge_within(3 * 2500), Verdict::Solved);
}

/// Arches one within the other, of which each must be lower than the one around it: more than there are heights.
#[test]
fn what_would_take_too_long_is_given_up() {
    const ARCHES: i32 = 24;
    const HEIGHTS: i32 = 20;
    let dots: Vec<_> = (0..ARCHES).flat_map(|it| [(0, it), (0, 49 - it)]).collect();
    let board = board(50, 50, &dots);
    let mut lines = Lines::on(&board);
    for (from, to) in (0..ARCHES).map(|it| (it, 49 - it)) {
        for height in 1..=HEIGHTS {
            let up = (0..height).map(|row| (row, from));
            let across = (from..=to).map(|col| (height, col));
            let down = (0..height).rev().map(|row| (row, to));
            let arch: Vec<_> = up.chain(across).chain(down).collect();
            lines.add(&cells(&arch));
        }
    }
    assert!(lines.of_color.values().all(|it| it.len() == 20));
    assert_eq!(lines.judge(), Verdict::Unknown);
}

/// Whether it can be done, by trying every choice.
fn can_be_chosen(lines: &[Vec<Line>], taken: &[usize]) -> bool {
    let Some((first, rest)) = lines.split_first() else {
        return true;
    };
    first.iter().any(|line| {
        let is_free = line.iter().all(|cell| !taken.contains(cell));
        is_free && can_be_chosen(rest, &[taken, line].concat())
    })
}

/// All ways from `at` to `to` on a grid that leave `taken` alone.
fn ways(at: (i32, i32), to: (i32, i32), side: i32, taken: &[(i32, i32)]) -> Vec<Vec<(i32, i32)>> {
    if at == to {
        return vec![vec![at]];
    }
    let taken = [taken, &[at]].concat();
    let (row, col) = at;
    let next = [
        (row - 1, col),
        (row + 1, col),
        (row, col - 1),
        (row, col + 1),
    ];
    let next = next.into_iter().filter(|&(row, col)| {
        (0..side).contains(&row) && (0..side).contains(&col) && !taken.contains(&(row, col))
    });
    next.flat_map(|it| ways(it, to, side, &taken))
        .map(|way| [&[at], &way[..]].concat())
        .collect()
}

const SIDE: i32 = 4;

/// Dots on a small grid, and some ways between those of each colour, in any order.
fn puzzles() -> impl Strategy<Value = (Vec<(i32, i32)>, Vec<Vec<Cell>>)> {
    let all: Vec<_> = (0..SIDE)
        .flat_map(|row| (0..SIDE).map(move |col| (row, col)))
        .collect();
    let dots = (1..=4_usize).prop_flat_map(move |pairs| subsequence(all.clone(), 2 * pairs));
    dots.prop_shuffle().prop_flat_map(|dots| {
        let mut paths = Vec::new();
        for pair in dots.chunks(2) {
            let others: Vec<_> = dots
                .iter()
                .copied()
                .filter(|it| !pair.contains(it))
                .collect();
            let ways = ways(pair[0], pair[1], SIDE, &others);
            let most = ways.len().min(6);
            paths.push(subsequence(ways, 0..=most));
        }
        let paths = paths.prop_map(|paths| {
            let paths = paths.into_iter().flatten();
            paths.map(|it| cells(&it)).collect::<Vec<_>>()
        });
        (Just(dots), paths.prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_board_is_solved_exactly_when_some_choice_solves_it((dots, paths) in puzzles()) {
        let board = board(SIDE, SIDE, &dots);
        let lines = lines(&board, &paths);
        prop_assert_eq!(lines.colors(), dots.len() / 2);
        let of_color: Vec<_> = lines.of_color.values().cloned().collect();
        let expected = if can_be_chosen(&of_color, &[]) {
            Verdict::Solved
        } else {
            Verdict::Unsolved
        };
        prop_assert_eq!(lines.judge(), expected);
    }
}
